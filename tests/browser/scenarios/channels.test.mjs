// Connecting a number, proving that it works, and telling when it does not.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Desk, holds, refused } from '../desk.mjs'
import { until } from '../harness.mjs'

let desk
before(async () => { desk = await Desk.open({ messages: 100 }) })
after(async () => { await desk?.close() })

/** The other pages of a channel's screen. */
const tab = (visitor, name) => visitor.page.getByRole('radio', { name, exact: true }).click()

test('a number is connected, checked, written to and answered', async () => {
  const owner = await desk.sitting(desk.owner)
  const { page } = owner
  await page.goto('/settings/channels')
  await page.getByRole('link', { name: 'Oficina', exact: true }).waitFor()
  await owner.isSound('the list of channels')
  await page.getByRole('button', { name: 'Connect a number' }).click()
  await page.getByRole('heading', { name: 'Connect a WhatsApp number' }).waitFor()
  // Nothing filled in: what is missing is marked where it is missing.
  await page.getByLabel('Name').fill('')
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await refused(page.getByLabel('Name'))
  await owner.isSound('a channel with refused fields')
  // A number that another channel has.
  await page.getByLabel('Name').fill('Second line')
  await page.getByLabel('Phone number ID').fill(desk.number.phoneNumberId)
  await page.getByLabel('Business account ID').fill(desk.number.businessAccountId)
  await page.getByLabel('Access token').fill('not the token')
  await page.getByLabel('App secret').fill('0123456789abcdef0123456789abcdef')
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await page.getByText('Another channel is already connected to this number.').waitFor()

  const number = desk.provider.number('Oficina, second line')
  await page.getByLabel('Phone number ID').fill(number.phoneNumberId)
  await page.getByLabel('Business account ID').fill(number.businessAccountId)
  await page.getByLabel('App secret').fill(number.appSecret)
  const rare = page.getByText('Rarely needed')
  if (await rare.count()) await rare.click()
  await page.getByLabel('Address of the Graph API').fill(desk.provider.baseUrl)
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await page.getByRole('heading', { name: 'Second line', level: 1 }).waitFor()

  // What Meta must be told, ready to be carried there.
  const webhook = await page.getByLabel('Webhook address').inputValue()
  const token = await page.getByRole('textbox', { name: 'Verify token' }).first().inputValue()
  assert.match(webhook, /\/webhooks\/whatsapp\//)
  assert.ok(token.length >= 8, 'a verify token is made up')
  const path = new URL(webhook, desk.farol.url).pathname
  const handshake = await fetch(`${desk.farol.url}${path}?hub.mode=subscribe&hub.challenge=4711&hub.verify_token=${encodeURIComponent(token)}`)
  assert.equal(await handshake.text(), '4711')

  // The wrong token is found out, and told.
  const check = owner.section('Does it work?')
  await check.getByRole('button', { name: 'Check the connection' }).click()
  await check.getByText('Access token works').waitFor()
  await check.getByRole('listitem').filter({ hasText: 'Access token works' }).getByRole('img', { name: 'Not yet' }).waitFor()
  await page.getByText('Broken', { exact: true }).or(page.getByText('Not verified', { exact: true })).first().waitFor()
  await owner.isSound('a check that failed')
  // What has to be given anew is one press away.
  await check.getByRole('button', { name: 'Open settings: Access token works' }).click()
  await page.getByLabel('Access token').fill(number.accessToken)
  await owner.section('Settings').getByRole('button', { name: 'Save' }).click()
  await owner.toast('Saved').waitFor()
  await page.getByText(`Set; ends in ${number.accessToken.slice(-4)}. Leave empty to keep it.`).waitFor()
  assert.ok(!(await page.content()).includes(number.accessToken), 'a secret is written and never shown')
  await tab(owner, 'Status')
  await check.getByRole('button', { name: 'Check the connection' }).click()
  await check.getByRole('listitem').filter({ hasText: 'Access token works' }).getByRole('img', { name: 'Done' }).waitFor()
  await check.getByRole('listitem').filter({ hasText: 'The number answers' }).getByRole('img', { name: 'Done' }).waitFor()

  // First a word from one's own phone, then the test.
  desk.provider.connect(number, `${desk.farol.url}${path}`)
  const me = desk.provider.person('Marina at home')
  await desk.provider.writes(me, 'Does the way in work?', { line: number })
  const test = owner.section('Send yourself a test')
  await test.getByLabel('Your phone number').fill('12')
  await test.getByRole('button', { name: 'Send me a test' }).click()
  await refused(test.getByLabel('Your phone number'))
  await test.getByLabel('Your phone number').fill(`+${me.phone}`)
  await test.getByRole('button', { name: 'Send me a test' }).click()
  await test.getByRole('status').getByText('Delivered').waitFor()
  assert.ok(desk.provider.sent.some((message) => message.line === number && message.to === me.phone))
  await owner.isSound('a channel that works')
})

test('a channel is named anew, switched off and on, and made the default', async () => {
  const owner = await desk.sitting(desk.owner)
  const { page } = owner
  await page.goto('/settings/channels')
  await page.getByRole('link', { name: 'Oficina', exact: true }).click()
  await page.getByRole('heading', { name: 'Oficina', level: 1 }).waitFor()
  await tab(owner, 'Settings')
  await page.getByLabel('Name').fill('Oficina, main line')
  await page.getByRole('combobox', { name: 'Queue of new conversations' }).click()
  await page.getByRole('option', { name: 'Financeiro' }).click()
  await owner.section('Settings').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Oficina, main line', level: 1 }).waitFor()
  await desk.customer('Petra Lindqvist', 'Where do I land?')
  const bianca = await desk.sitting(desk.bianca)
  await bianca.tab('Unassigned')
  await bianca.row('Petra Lindqvist').getByText('Financeiro').waitFor()

  await page.getByRole('button', { name: 'Switch off' }).click()
  await page.getByText('Switched off', { exact: true }).first().waitFor()
  await bianca.open('Petra Lindqvist')
  await owner.isSound('a channel that is switched off')
  await bianca.message.fill('Waits until it is on')
  await bianca.message.press('Enter')
  await bianca.bubble('Waits until it is on').waitFor()
  await page.getByRole('button', { name: 'Switch on' }).click()
  await tab(owner, 'Status')
  await page.getByRole('button', { name: 'Check the connection' }).click()
  await page.getByText('Connected', { exact: true }).waitFor()
})

test('a token is given anew where it would go to another address', async () => {
  const owner = await desk.sitting(desk.owner)
  const { page } = owner
  await page.goto(`/settings/channels/${desk.channel.id}?show=settings`)
  const settings = owner.section('Settings')
  const elsewhere = desk.provider.baseUrl.replace('127.0.0.1', 'localhost')
  await settings.getByLabel('Address of the Graph API').fill(elsewhere)
  await settings.getByRole('button', { name: 'Save' }).click()
  await refused(settings.getByLabel('Access token'))
  await settings.getByText(/^Give the access token anew/).waitFor()
  await owner.isSound('a token that is asked for anew')
  await settings.getByLabel('Access token').fill(desk.number.accessToken)
  await settings.getByRole('button', { name: 'Save' }).click()
  await owner.toast('Saved').waitFor()
  await desk.api.ask('PATCH', `/channels/${desk.channel.id}`, { config: { baseUrl: desk.provider.baseUrl, accessToken: desk.number.accessToken } })
})

test('a channel sends at a pace of its own, and goes back to the firm’s', async () => {
  const owner = await desk.sitting(desk.owner)
  const { page } = owner
  await page.goto(`/settings/channels/${desk.channel.id}?show=settings`)
  const sending = owner.section('Pace and patience')
  const attempts = sending.getByLabel('Attempts in all')
  const firms = await attempts.inputValue()
  await attempts.fill('0')
  await sending.getByRole('button', { name: 'Save' }).click()
  await refused(attempts)
  await owner.isSound('a pace that is refused')
  await attempts.fill('3')
  await sending.getByRole('button', { name: 'Save' }).click()
  await owner.toast('Saved').first().waitFor()
  await page.reload()
  await holds(attempts, '3')
  await owner.isSound('a pace of its own')
  await sending.getByRole('button', { name: 'As in the firm’s settings' }).click()
  await holds(attempts, firms)
})

test('a channel is removed after a question, and its conversations stay', async () => {
  const { number, channel } = await desk.line('Short-lived')
  await desk.provider.writes(desk.provider.person('Olga Staying'), 'I stay', { line: number })
  const owner = await desk.sitting(desk.owner)
  const { page } = owner
  await page.goto(`/settings/channels/${channel.id}?show=settings`)
  await page.getByRole('button', { name: 'Remove channel' }).click()
  const question = page.getByRole('alertdialog', { name: 'Remove “Short-lived”?' })
  await question.waitFor()
  await owner.isSound('the question before a removal')
  await question.getByRole('button', { name: 'Remove channel' }).click()
  await owner.toast('“Short-lived” has been removed.').waitFor()
  assert.equal(await page.getByRole('link', { name: 'Short-lived' }).count(), 0)
  await owner.page.goto('/inbox/all')
  await owner.open('Olga Staying')
  await owner.bubble('I stay').waitFor()
})

test('the filter by channel shows its conversations alone', async () => {
  const { number } = await desk.line('Filter line')
  await desk.provider.writes(desk.provider.person('Ines Filterby'), 'By the new line', { line: number })
  await desk.customer('Jonas Otherline', 'By the main line')
  const owner = await desk.sitting(desk.owner)
  await owner.tab('All')
  await owner.row('Jonas Otherline').waitFor()
  await owner.list.getByRole('button', { name: 'Filter' }).click()
  await owner.page.getByRole('menuitemradio', { name: 'Filter line' }).click()
  await owner.row('Ines Filterby').waitFor()
  await owner.row('Jonas Otherline').waitFor({ state: 'detached' })
  assert.equal(await owner.list.getByRole('list').getByRole('link').count(), 1)
})

test('an agent sees how the channels do, and changes nothing', async () => {
  const bianca = await desk.sitting(desk.bianca)
  await bianca.page.goto('/settings/channels')
  await bianca.page.getByRole('link', { name: 'WhatsApp' }).first().click()
  await bianca.page.getByRole('heading', { name: 'WhatsApp', level: 1 }).waitFor()
  assert.equal(await bianca.page.getByRole('button', { name: 'Switch off' }).count(), 0)
  assert.equal(await bianca.page.getByLabel('Access token').count(), 0)
  await bianca.isSound("a channel in an agent's eyes")
})
