// A WhatsApp provider that a test holds in its hands: customers write when the test says so, and what the firm
// sends gets as far as the test lets it. The wire format is Meta's; the program's own simulator plays in
// demo.test.mjs.
import { createHmac, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import assert from 'node:assert/strict'
import { until } from './harness.mjs'

/** Numbers the British regulator keeps for drama: nobody has them. */
const phoneOf = (index) => `447700900${String(index).padStart(3, '0')}`

export class Provider {
  /** Serves on a free port of this machine. */
  static async start() {
    const own = new Provider()
    own.numbers = new Map()
    own.sent = []
    /** What was handed over, by the id a message names it by. */
    own.files = new Map()
    own.refusals = []
    own.templateRefusals = []
    own.handed = 0
    /** Says "delivered" by itself; without it only what a test reports is reported. */
    own.delivers = true
    own.people = 0
    own.server = createServer((request, response) => void own.answer(request, response))
    await new Promise((resolve) => own.server.listen(0, '127.0.0.1', resolve))
    own.baseUrl = `http://127.0.0.1:${own.server.address().port}/v21.0`
    return own
  }
  stop() {
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(resolve))
  }

  /** A number of the firm, as Meta's pages would show it; `connect` tells it where webhooks go. */
  number(name = 'Oficina Modelo') {
    const at = 700_000 + this.numbers.size
    const number = {
      phoneNumberId: `10000000${at}`,
      businessAccountId: `20000000${at}`,
      accessToken: randomBytes(16).toString('hex'),
      appSecret: randomBytes(16).toString('hex'),
      displayNumber: phoneOf(900 + this.numbers.size),
      name,
      webhook: null,
      templates: [],
    }
    this.numbers.set(number.phoneNumberId, number)
    this.line ??= number
    return number
  }
  connect(number, webhook) {
    number.webhook = webhook
  }
  /** A template that is at the provider already, in the parts it is made of. */
  template(number, { name, language = 'en', category = 'UTILITY', status = 'APPROVED', quality = 'GREEN', components }) {
    const id = String(4_000_000 + Number(number.phoneNumberId.slice(-3)) * 1_000 + ++this.handed)
    const one = { id, name, language, category, status, components, parameter_format: 'POSITIONAL', quality_score: { score: quality }, rejected_reason: 'NONE' }
    number.templates.push(one)
    return one
  }
  /** Somebody with a number nobody has. */
  person(name) {
    return { name, phone: phoneOf(++this.people) }
  }

  /** A customer writes; gives the provider's id. `at` in ms since 1970. */
  writes(person, text, options) {
    return this.says(person, { type: 'text', text: { body: text } }, options)
  }
  /** A customer sends anything: `content` brings `type` and its object. */
  async says(person, content, { at = Date.now(), line = this.line } = {}) {
    const id = messageId()
    const message = { id, from: person.phone, timestamp: String(Math.floor(at / 1000)), ...content }
    await this.change(line, { contacts: [{ profile: { name: person.name }, wa_id: person.phone }], messages: [message] })
    return id
  }
  /** How far a message of the firm's got: sent, delivered, read or failed. */
  reports(message, word, error) {
    const status = { id: message.id, status: word, timestamp: String(Math.floor(Date.now() / 1000)), recipient_id: message.to, biz_opaque_callback_data: message.callback }
    if (error) status.errors = [{ code: error, title: 'Failed', message: 'Failed', error_data: { details: 'Made to fail.' } }]
    return this.change(message.line, { statuses: [status] })
  }
  change(line, value) {
    const metadata = { display_phone_number: line.displayNumber, phone_number_id: line.phoneNumberId }
    return this.posts(line, [{ field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...value } }])
  }
  /** Posts a signed body. Its 2xx means that the box has it for good. */
  async posts(line, changes) {
    const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: line.businessAccountId, changes }] })
    const signature = createHmac('sha256', line.appSecret).update(body).digest('hex')
    const answer = await fetch(line.webhook, { method: 'POST', headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` }, body })
    assert.equal(answer.status, 200, `the webhook answered ${answer.status}`)
  }

  /** Somebody at the provider looked at a template. */
  decides(line, one, event, reason = 'NONE') {
    one.status = event
    const value = { event, message_template_id: Number(one.id), message_template_name: one.name, message_template_language: one.language, reason }
    return this.posts(line, [{ field: 'message_template_status_update', value }])
  }
  /** The next template handed in is refused with these words. */
  refusesTemplate(words) {
    this.templateRefusals.push(words)
  }

  /** The next send is refused with this error code. */
  refuses(code, status = 400) {
    this.refusals.push({ code, status })
  }
  /** The message with these words, once the firm has sent it. */
  async got(text) {
    return until(`the provider has “${text.slice(0, 60)}”`, () => this.sent.find((message) => message.text === text))
  }

  /** The newest message of this kind, and of this body, that the firm sent. */
  async gotKind(type, fits = () => true) {
    return until(`the provider has a message of kind ${type}`, () => this.sent.findLast((message) => message.body.type === type && fits(message.body)))
  }

  async answer(request, response) {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const say = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const no = (status, code, details) => say(status, { error: { message: `(#${code}) ${details}`, type: 'GraphMethodException', code, error_data: { messaging_product: 'whatsapp', details } } })
    const [, , id, verb] = new URL(request.url, 'http://provider').pathname.split('/')
    const trusted = (number) => request.headers.authorization === `Bearer ${number.accessToken}`
    if (verb === 'phone_numbers') {
      const owned = [...this.numbers.values()].filter((number) => number.businessAccountId === id)
      if (owned.length === 0) return no(400, 100, 'Unsupported request.')
      if (!owned.some(trusted)) return no(401, 190, 'Invalid OAuth access token.')
      return say(200, { data: owned.map(described) })
    }
    // What a template's header will hold, shown to whoever looks it over: a session of the token's app, then the bytes.
    if (id === 'app' && verb === 'uploads') return say(200, { id: 'upload:example' })
    if (id === 'upload:example') return say(200, { h: `4::${Buffer.concat(chunks).length}` })
    const owner = [...this.numbers.values()].find((one) => (verb === 'message_templates' ? one.businessAccountId === id : one.templates.some((template) => template.id === id)))
    if (owner) return trusted(owner) ? this.answersTemplates(request, owner, id, chunks, say) : no(401, 190, 'Invalid OAuth access token.')
    const number = this.numbers.get(id)
    if (!number) return no(400, 100, `Unsupported request. Object with ID '${id}' does not exist.`)
    if (!trusted(number)) return no(401, 190, 'Invalid OAuth access token.')
    if (verb === 'media') {
      const form = Buffer.concat(chunks)
      const file = { id: randomBytes(8).toString('hex'), mime: /name="type"\r\n\r\n([^\r]+)/.exec(form.toString('latin1'))?.[1], bytes: form.length }
      this.files.set(file.id, file)
      return say(200, { id: file.id })
    }
    if (verb !== 'messages') return say(200, described(number))
    const body = JSON.parse(Buffer.concat(chunks).toString())
    if (body.status === 'read') return say(200, { success: true })
    const refusal = this.refusals.shift()
    if (refusal) return no(refusal.status, refusal.code, 'Refused on purpose.')
    const message = { id: messageId(), to: body.to.replace(/^\+/, ''), text: body.text?.body, body, file: this.files.get(body[body.type]?.id), callback: body.biz_opaque_callback_data, quoted: body.context?.message_id, line: number }
    this.sent.push(message)
    say(200, { messaging_product: 'whatsapp', contacts: [{ input: message.to, wa_id: message.to }], messages: [{ id: message.id }] })
    if (this.delivers) await this.reports(message, 'delivered').catch(() => undefined)
  }

  answersTemplates(request, owner, id, chunks, say) {
    const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {}
    const known = owner.templates.find((one) => one.id === id)
    if (request.method === 'GET') return say(200, { data: owner.templates, paging: { cursors: { before: 'a', after: 'z' } } })
    if (request.method === 'DELETE') {
      const gone = new URL(request.url, 'http://provider').searchParams.get('hsm_id')
      owner.templates = owner.templates.filter((one) => one.id !== gone)
      return say(200, { success: true })
    }
    const words = this.templateRefusals.shift()
    if (words) return say(400, { error: { message: 'Invalid parameter', type: 'OAuthException', code: 100, error_user_title: 'Refused', error_user_msg: words } })
    if (known) {
      Object.assign(known, body, { status: 'PENDING' })
      return say(200, { success: true })
    }
    const made = this.template(owner, { ...body, status: 'PENDING', quality: 'UNKNOWN' })
    say(200, { id: made.id, status: 'PENDING', category: made.category })
  }
}

const messageId = () => `wamid.${randomBytes(30).toString('base64')}`

const described = (number) => ({
  id: number.phoneNumberId,
  display_phone_number: `+${number.displayNumber}`,
  verified_name: number.name,
  quality_rating: 'GREEN',
  code_verification_status: 'VERIFIED',
  platform_type: 'CLOUD_API',
  throughput: { level: 'STANDARD' },
  webhook_configuration: { application: number.webhook },
})
