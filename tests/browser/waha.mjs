// A WAHA server that a test holds in its hands: a phone scans when the test says so. The wire format is WAHA's; the
// program's own simulator plays in demo.test.mjs.
import { createHmac, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import assert from 'node:assert/strict'

const NOT_WORKING = 'Session status is not as expected. Try again later or restart the session'

export class Waha {
  /** Serves on a free port of this machine. */
  static async start() {
    const own = new Waha()
    own.apiKey = randomBytes(12).toString('hex')
    own.sessions = new Map()
    own.sent = []
    /** Where a session's name stands in the address of a verb: `body`, `path`, or both. */
    own.takes = ['body', 'path']
    own.codes = 0
    own.server = createServer((request, response) => void own.answer(request, response))
    await new Promise((resolve) => own.server.listen(0, '127.0.0.1', resolve))
    own.baseUrl = `http://127.0.0.1:${own.server.address().port}`
    return own
  }
  stop() {
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(resolve))
  }

  /** The code a phone would have to scan now. */
  codeOf(name) {
    return this.sessions.get(name)?.code
  }
  /** WhatsApp shows another code, as it does every twenty seconds. */
  async renews(name) {
    this.sessions.get(name).code = this.code(name)
    await this.tells(name, 'session.status', { name, status: 'SCAN_QR_CODE' })
  }
  /** Somebody scans: the session is paired with this number. */
  async scans(name, phone, pushName) {
    this.sessions.get(name).me = { id: `${phone}@c.us`, pushName }
    await this.turns(name, 'WORKING')
  }
  /** The session is lost: STOPPED, FAILED, SCAN_QR_CODE. */
  async turns(name, status) {
    Object.assign(this.sessions.get(name), { status, ...(status === 'SCAN_QR_CODE' && { code: this.code(name) }) })
    await this.tells(name, 'session.status', { name, status })
  }
  /** A customer writes; gives WhatsApp's id of the message. */
  async writes(name, { phone, name: pushName }, text) {
    const id = `false_${phone}@c.us_${randomBytes(8).toString('hex').toUpperCase()}`
    const payload = { id, timestamp: seconds(), from: `${phone}@c.us`, to: 'me', fromMe: false, source: 'app', body: text, hasMedia: false, media: null, ack: 1, ackName: 'SERVER', _data: { notifyName: pushName } }
    await this.tells(name, 'message', payload)
    return id
  }

  code(name) {
    return `2@${createHmac('sha512', name).update(String(++this.codes)).digest('base64')},${randomBytes(32).toString('base64')},${randomBytes(32).toString('base64')}`
  }
  shown(name) {
    const { status, config, me } = this.sessions.get(name)
    return { name, status, config, me: me ?? null, engine: { engine: 'NOWEB' } }
  }
  /** Posts a signed event to every webhook of the session. */
  async tells(name, event, payload) {
    const { config, me } = this.sessions.get(name)
    const body = JSON.stringify({ id: `evt_${randomBytes(10).toString('hex')}`, timestamp: Date.now(), event, session: name, me, payload, engine: 'NOWEB', environment: { version: '2026.7.1', tier: 'PLUS' } })
    for (const { url, hmac } of config?.webhooks ?? []) {
      const headers = { 'content-type': 'application/json', 'x-webhook-hmac-algorithm': 'sha512', 'x-webhook-hmac': createHmac('sha512', hmac.key).update(body).digest('hex'), 'x-webhook-request-id': randomBytes(8).toString('hex'), 'x-webhook-timestamp': String(Date.now()) }
      const answer = await fetch(url, { method: 'POST', headers, body })
      assert.equal(answer.status, 200, `the webhook answered ${answer.status}`)
    }
  }

  async answer(request, response) {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const say = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const no = (status, message) => say(status, { message, statusCode: status })
    if (request.headers['x-api-key'] !== this.apiKey) return no(401, 'Unauthorized')
    const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {}
    const url = new URL(request.url, 'http://waha')
    const [, , first, second, third] = url.pathname.split('/').map(decodeURIComponent)
    if (first === 'sessions') return this.manages(request.method, second, third, body, say, no)
    if (first === 'contacts') return say(200, { numberExists: true, chatId: `${url.searchParams.get('phone')}@c.us` })
    if (second === 'auth') {
      const session = this.sessions.get(first)
      return session?.status === 'SCAN_QR_CODE' ? say(200, { value: session.code }) : say(422, { error: NOT_WORKING, expected: ['SCAN_QR_CODE'] })
    }
    if (second === 'chats') return say(200, [])
    const [style, verb] = second ? ['path', second] : ['body', first]
    if (!this.takes.includes(style)) return no(404, `Cannot ${request.method} ${url.pathname}`)
    const session = this.sessions.get(body.session)
    if (!session) return no(404, 'Session not found')
    if (session.status !== 'WORKING') return say(422, { error: NOT_WORKING, session: body.session, status: session.status, expected: ['WORKING'] })
    if (verb !== 'sendText') return say(201, { result: true })
    const id = `true_${body.chatId}_${randomBytes(8).toString('hex').toUpperCase()}`
    this.sent.push({ id, session: body.session, chat: body.chatId, text: body.text, style })
    say(201, { id, timestamp: seconds(), from: 'me', to: body.chatId, fromMe: true, source: 'api', body: body.text, hasMedia: false, media: null, ack: 1, ackName: 'SERVER' })
    await this.tells(body.session, 'message.ack', { id, from: body.chatId, to: body.chatId, fromMe: true, ack: 2, ackName: 'DEVICE' }).catch(() => undefined)
  }

  async manages(method, name, act, body, say, no) {
    if (method === 'POST' && !name) {
      this.sessions.set(body.name, { status: 'STOPPED', config: body.config ?? {}, me: null })
      return say(201, this.shown(body.name))
    }
    const session = this.sessions.get(name)
    if (!session) return no(404, 'Session not found')
    if (method === 'PUT') session.config = body.config
    if (act) {
      if (act === 'logout') session.me = null
      const status = act === 'stop' ? 'STOPPED' : session.me ? 'WORKING' : 'SCAN_QR_CODE'
      Object.assign(session, { status, ...(status === 'SCAN_QR_CODE' && { code: this.code(name) }) })
    }
    say(act ? 201 : 200, this.shown(name))
    if (act) await this.tells(name, 'session.status', { name, status: session.status }).catch(() => undefined)
  }
}

const seconds = () => Math.floor(Date.now() / 1000)
