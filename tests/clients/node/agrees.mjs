/**
 * Speaks with the made-up Graph API through whatsapp-api-js, a client of the real one, and tells on standard output what
 * it saw. Standard input is as for `../python/agrees.py`.
 */
import { readFileSync } from 'node:fs'
import { webcrypto } from 'node:crypto'
import { WhatsAppAPI } from 'whatsapp-api-js'
import {
  ActionButtons, Body, Button, Contacts, Image, Interactive, Location, Name, Phone, Reaction, Text,
} from 'whatsapp-api-js/messages'

const asked = JSON.parse(readFileSync(0, 'utf8'))
const here = new URL(asked.url)
const wa = new WhatsAppAPI({
  token: asked.token,
  appSecret: asked.secret,
  v: 'v21.0',
  ponyfill: {
    subtle: webcrypto.subtle,
    // The request stays as the client made it; only where it goes is ours to say.
    fetch: (url, options) => {
      const to = new URL(url)
      to.protocol = here.protocol
      to.host = here.host
      return fetch(to, options)
    },
  },
})

async function send() {
  const sent = {}
  const one = async (name, message, context) => {
    const answer = await wa.sendMessage(asked.number, asked.customer, message, context)
    sent[name] = answer.messages?.[0]?.id ?? JSON.stringify(answer)
  }
  await one('text', new Text('Bom dia'))
  await one('answer', new Text('Já vamos'), sent.text)
  const form = new FormData()
  form.set('file', new Blob([Buffer.from(asked.picture, 'hex')], { type: 'image/png' }), 'mapa.png')
  const picture = await wa.uploadMedia(asked.number, form)
  await one('image', new Image(picture.id, true, 'O ponto de encontro'))
  await one('location', new Location(-9.1393, 38.7223, 'Base', 'Rua Um'))
  await one('contacts', new Contacts([new Name('Rui Reboque', 'Rui'), new Phone('+15550100200', 'WORK')]))
  await one(
    'interactive',
    new Interactive(new ActionButtons(new Button('yes', 'Sim'), new Button('no', 'Não')), new Body('Vem já?')),
  )
  await one('reaction', new Reaction(asked.theirs, '👍'))
  const read = await wa.markAsRead(asked.number, asked.theirs)
  const long = await wa.sendMessage(asked.number, asked.customer, { _type: 'text', body: 'x'.repeat(4097) })
  return { sent, read: read.success === true, refused: long.error?.code ?? null }
}

async function receive() {
  const seen = []
  wa.on.message = ({ message }) => {
    const media = message[message.type]
    seen.push({
      type: message.type === 'interactive' ? 'button' : message.type,
      text: message.text?.body ?? media?.caption ?? message.interactive?.button_reply?.title ?? null,
      id: message.id,
      quoted: message.context?.id ?? null,
      latitude: message.location?.latitude ?? null,
      mime: media?.mime_type ?? null,
      choice: message.interactive?.button_reply?.id,
    })
  }
  wa.on.status = ({ status, id }) => {
    seen.push({ type: 'status', text: status, id })
  }
  const take = async (body, signature) => {
    try {
      await wa.post(JSON.parse(body), body, signature)
      return 200
    } catch (error) {
      return error.httpStatus ?? String(error)
    }
  }
  const answers = []
  for (const { body, signature } of asked.webhooks) answers.push(await take(body, signature))
  const before = seen.length
  const forged = await take(asked.webhooks[0].body, `sha256=${'0'.repeat(64)}`)
  seen.length = before
  return { answers, forged, seen }
}

process.stdout.write(JSON.stringify(asked.send ? await send() : await receive()))
