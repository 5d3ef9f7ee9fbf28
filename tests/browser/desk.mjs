// A firm to test in: a demo whose customers are silent, a number at a provider that the test holds, and the
// moves of somebody at the desk, by the names they read.
import assert from 'node:assert/strict'
import { closeBrowser, Farol, person, until } from './harness.mjs'
import { Provider } from './provider.mjs'

/** The API as another program uses it; here it only prepares what a test needs. */
export class Api {
  constructor(farol, token) {
    this.farol = farol
    this.token = token
  }
  static async signIn(farol, { email, password }) {
    const { token } = await new Api(farol).ask('POST', '/auth/login', { email, password })
    return new Api(farol, token)
  }
  async ask(method, path, body) {
    const headers = { 'content-type': 'application/json', ...(this.token && { authorization: `Bearer ${this.token}` }) }
    const answer = await fetch(`${this.farol.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }
}

/** Connects a number at the provider with a new channel of the firm. */
export async function connect(api, provider, name) {
  const number = provider.number(name)
  const { phoneNumberId, businessAccountId, accessToken, appSecret } = number
  const channel = await api.ask('POST', '/channels', { kind: 'whatsapp_cloud', name, config: { phoneNumberId, businessAccountId, accessToken, appSecret, baseUrl: provider.baseUrl } })
  provider.connect(number, `${api.farol.url}/webhooks/whatsapp/${channel.id}`)
  return { number, channel }
}

/** One firm for a file: owner, supervisor and agents with their sign-ins, and a connected number. */
export class Desk {
  static async open({ messages = 400 } = {}) {
    const own = new Desk()
    own.farol = await Farol.start('demo', '--quiet', '--messages', String(messages))
    own.provider = await Provider.start()
    const [owner, supervisor, bianca, caio, debora] = own.farol.signIns
    Object.assign(own, { owner, supervisor, bianca, caio, debora })
    own.api = await Api.signIn(own.farol, owner)
    // The tests read English; the demo's firm speaks Portuguese.
    await own.api.ask('PATCH', '/tenant', { language: 'en' })
    ;({ number: own.number, channel: own.channel } = await own.line('Oficina'))
    await own.api.ask('POST', `/channels/${own.channel.id}/check`, {})
    own.seated = new Map()
    return own
  }
  async close() {
    // Whoever sat here all along was never let down either.
    for (const visitor of this.seated?.values() ?? []) await visitor.close()
    await closeBrowser()
    await this.provider?.stop()
    await this.farol?.stop()
  }

  /** Connects a number at the provider. */
  line(name) {
    return connect(this.api, this.provider, name)
  }

  /** Somebody who sits at the desk for the whole file, back at their own list. */
  async sitting(who) {
    const known = this.seated.get(who.email)
    if (!known) this.seated.set(who.email, await this.at(who))
    else await known.page.goto('/inbox/mine')
    const visitor = this.seated.get(who.email)
    await visitor.list.getByRole('heading', { name: 'Inbox' }).waitFor()
    return visitor
  }
  /** The owner on one of the settings' screens. */
  async ownerAt(path, heading) {
    const owner = await this.sitting(this.owner)
    await owner.page.goto(`/settings/${path}`)
    await owner.page.getByRole('heading', { name: heading, level: 1 }).last().waitFor()
    return owner
  }
  /** Somebody of the firm, newly signed in; they close the door themselves. */
  async at(who, options) {
    const visitor = await person(this.farol, options)
    await visitor.signIn(who)
    return Object.assign(visitor, moves(visitor.page))
  }
  /** A customer who wrote these words, and the conversation they began. */
  async customer(name, ...words) {
    const someone = this.provider.person(name)
    for (const word of words) await this.provider.writes(someone, word)
    return words.length > 0 ? { ...someone, conversation: await this.conversationOf(someone) } : someone
  }
  async conversationOf(someone) {
    const { items } = await this.api.ask('GET', '/conversations?tab=all&limit=50')
    const found = items.find((one) => one.customerPhone === `+${someone.phone}`)
    assert.ok(found, `no conversation of ${someone.name}`)
    return found
  }
  /** Gives a conversation to somebody, as its supervisor would. */
  async give(customer, who) {
    const { id: userId } = await this.colleague(who.email)
    await this.api.ask('POST', `/conversations/${customer.conversation.id}/assign`, { userId })
  }
  /** Somebody of the firm, by name or address. */
  async colleague(named) {
    const { items } = await this.api.ask('GET', '/users?limit=200')
    const found = items.find((one) => one.email === named || one.name === named)
    assert.ok(found, `nobody here is ${named}`)
    return found
  }
}

/** The field is refused and says why, to those who see it and to those who hear it. */
export async function refused(field) {
  await until('the field is marked', async () => (await field.getAttribute('aria-invalid')) === 'true')
  const words = await field.evaluate((element) => (element.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => id.endsWith('-error')).map((id) => document.getElementById(id)?.textContent).join(''))
  assert.ok(words.length > 5, `a refused field says why; it says “${words}”`)
}

/** The field holds these words. */
export const holds = (field, words) => until(`the field holds “${words}”`, async () => (await field.inputValue()) === words)
/** What one types goes there. */
export const focused = (control) => until('it has the focus', () => control.evaluate((element) => element === document.activeElement))
/** The whole of it can be seen. */
export const inSight = (target) => until('it is in sight', () => target.evaluate((element) => {
  const { top, bottom } = element.getBoundingClientRect()
  return top > 0 && bottom < innerHeight
}))
/** The picture has come and is drawn. */
export const painted = (image) => until('the picture is there', () => image.evaluate((img) => img.complete && img.naturalWidth > 0))

/** What one does at the desk, and what one sees there. */
export function moves(page) {
  const list = page.getByRole('region', { name: 'Conversations' })
  const thread = page.getByRole('region', { name: 'Conversation', exact: true })
  const log = thread.getByRole('log', { name: 'Messages' })
  return {
    list,
    thread,
    log,
    panel: page.getByRole('complementary', { name: 'Customer' }),
    /** A conversation in the list. */
    row: (name) => list.getByRole('list').getByRole('link').filter({ hasText: name }),
    /** A message in the open thread. */
    bubble: (text) => log.locator('[data-message]').filter({ hasText: text }),
    message: page.getByRole('textbox', { name: 'Message to the customer' }),
    note: page.getByRole('textbox', { name: 'Note for colleagues' }),
    /** A titled part of a screen. */
    section: (title) => page.getByRole('heading', { name: title, exact: true }).locator('xpath=ancestor::section[1]'),
    dialog: (name) => page.getByRole('dialog', { name }),
    toast: (words) => page.getByRole('status').getByText(words),
    async tab(name) {
      await page.getByRole('navigation', { name: 'Lists' }).getByRole('link', { name }).click()
      await page.getByRole('navigation', { name: 'Lists' }).getByRole('link', { name }).and(page.locator('[aria-current=page]')).waitFor()
    },
    async open(name) {
      await list.getByRole('list').getByRole('link').filter({ hasText: name }).click()
      await thread.getByRole('heading', { name }).waitFor()
    },
    /** Chooses one of a select's options. */
    async choose(label, option) {
      await page.getByRole('combobox', { name: label }).click()
      await page.getByRole('option', { name: option, exact: true }).click()
    },
  }
}
