// A phone that is paired by a code: connected, scanned, lost, brought back, logged out, and tried out.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Desk, holds, refused } from '../desk.mjs'
import { until } from '../harness.mjs'
import { Waha } from '../waha.mjs'

let desk
let waha
before(async () => {
  desk = await Desk.open({ messages: 100 })
  waha = await Waha.start()
})
after(async () => {
  await desk?.close()
  await waha?.stop()
})

const phone = (visitor) => visitor.section('Paired phone')
/** The owner on the paired phone's own screen. */
async function atWorkshop(show) {
  const owner = await desk.sitting(desk.owner)
  const { items } = await desk.api.ask('GET', '/channels')
  await owner.page.goto(`/settings/channels/${items.find((one) => one.name === 'Workshop phone').id}?show=${show}`)
  return owner
}
/** The dark modules of the code on screen. */
const drawn = (visitor) => phone(visitor).getByRole('img', { name: 'QR code to scan with WhatsApp' }).locator('path').getAttribute('d')

test('a phone is connected by the form, paired by its code, and answers customers', async () => {
  const owner = await desk.sitting(desk.owner)
  const { page } = owner
  await page.goto('/settings/channels/new')
  await page.getByRole('radio', { name: 'Phone by QR code' }).click()
  await page.getByText(/^Hangs on WhatsApp Web/).waitFor()
  await owner.isSound('the form of a paired phone')
  await page.getByLabel('Name').fill('Workshop phone')
  await page.getByLabel('Address of the WAHA server').fill('not an address')
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await refused(page.getByLabel('Address of the WAHA server'))
  await page.getByLabel('Address of the WAHA server').fill(waha.baseUrl)
  await page.getByLabel('API key').fill(waha.apiKey)
  await page.getByLabel('Session', { exact: true }).fill('workshop')
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  await page.getByRole('heading', { name: 'Workshop phone', level: 1 }).waitFor()

  // Nothing there yet is no failure: it has to be started.
  await phone(owner).getByText('Not started').waitFor()
  await owner.isSound('a session that was never started')
  await phone(owner).getByRole('button', { name: 'Start' }).click()
  await phone(owner).getByText('Scan with the phone').waitFor()
  const first = await until('a code is drawn', () => drawn(owner))
  await owner.isSound('a code to scan')
  // WhatsApp shows another one: it is on screen without a press.
  await waha.renews('workshop')
  await until('the new code is drawn', async () => (await drawn(owner)) !== first)

  await waha.scans('workshop', '447700900555', 'Oficina de noite')
  await phone(owner).getByText('Connected', { exact: true }).waitFor()
  await phone(owner).getByText('+44 7700 900555').waitFor()
  await phone(owner).getByText('Oficina de noite').waitFor()
  assert.equal(await phone(owner).getByRole('img', { name: /QR/ }).count(), 0)
  await owner.section('Does it work?').getByRole('button', { name: 'Check the connection' }).click()
  await page.getByText('Everything is well.').waitFor()
  await owner.isSound('a paired phone')

  await waha.writes('workshop', { phone: '447700900091', name: 'Paula Paired' }, 'Do you tow at night?')
  await page.goto('/inbox/all')
  await owner.open('Paula Paired')
  await owner.message.fill('Every night.')
  await owner.message.press('Enter')
  await owner.bubble('Every night.').getByRole('img', { name: 'Delivered' }).waitFor()
  assert.ok(waha.sent.some((one) => one.session === 'workshop' && one.text === 'Every night.'))
})

test('a lost phone is told at once, and comes back from its card', async () => {
  const owner = await desk.sitting(desk.owner)
  const { page } = owner
  await page.goto('/settings/channels')
  const card = page.getByRole('region', { name: 'Workshop phone' })
  await card.getByText('Connected', { exact: true }).waitFor()
  assert.equal(await card.getByRole('button', { name: 'Reconnect' }).count(), 0)
  await waha.turns('workshop', 'FAILED')
  await card.getByText('The phone is no longer connected. Messages wait here until it is.').waitFor()
  await owner.isSound('a card of a lost phone')
  await card.getByRole('button', { name: 'Reconnect' }).click()
  const dialog = page.getByRole('dialog', { name: 'Paired phone' })
  await dialog.getByText('Failed', { exact: true }).waitFor()
  await dialog.getByRole('button', { name: 'Restart' }).click()
  await dialog.getByText('Connected', { exact: true }).waitFor()
  await owner.isSound('a phone that came back')
  await dialog.getByRole('button', { name: 'Close' }).click()
  await card.getByText('Connected', { exact: true }).waitFor()
})

test('the default is switched on its card', async () => {
  const owner = await desk.sitting(desk.owner)
  const { page } = owner
  await page.goto('/settings/channels')
  const card = (name) => page.getByRole('region', { name, exact: true })
  await card('Workshop phone').getByRole('switch', { name: 'Default connection' }).click()
  await owner.toast('“Workshop phone” is now taken where nobody says which.').waitFor()
  await until('it is the default', async () => (await card('Workshop phone').getByRole('switch').getAttribute('aria-checked')) === 'true')
  await until('no other is', async () => (await card('Oficina').getByRole('switch').getAttribute('aria-checked')) === 'false')
})

test('the style of addresses that the server takes is found out by trying', async () => {
  const owner = await atWorkshop('settings')
  const { page } = owner
  waha.takes = ['path']
  const trial = owner.section('Which address style works?')
  await trial.getByLabel('Your phone number').fill('+447700900092')
  await trial.getByRole('button', { name: 'Find out' }).click()
  await trial.getByText('This one works and is in use: /api/default/sendText (older servers)').waitFor()
  assert.equal(waha.sent.at(-1).style, 'path')
  await page.getByRole('combobox', { name: 'Address style of calls' }).getByText('/api/default/sendText').waitFor()
  await owner.isSound('the settings of a paired phone')
  waha.takes = ['body', 'path']
})

test('manners are the phone’s own, and go back to the firm’s', async () => {
  const owner = await atWorkshop('settings')
  const manners = owner.section('Manners')
  const longest = manners.getByLabel('Longest pause')
  const firms = await longest.inputValue()
  await manners.getByLabel('Shortest pause').fill('9000')
  await longest.fill('100')
  await manners.getByRole('button', { name: 'Save' }).click()
  await refused(longest)
  await longest.fill('9500')
  await manners.getByRole('switch', { name: 'Show “typing…”' }).click()
  await manners.getByRole('button', { name: 'Save' }).click()
  await owner.toast('Saved').first().waitFor()
  await owner.page.reload()
  await holds(longest, '9500')
  await manners.getByRole('button', { name: 'As in the firm’s settings' }).click()
  await holds(longest, firms)
})

test('a phone is logged out after a question, and its code comes again', async () => {
  const owner = await atWorkshop('status')
  const { page } = owner
  await phone(owner).getByRole('button', { name: 'Log out' }).click()
  const question = page.getByRole('alertdialog', { name: 'Log “Workshop phone” out?' })
  await question.waitFor()
  await owner.isSound('the question before a log-out')
  await question.getByRole('button', { name: 'Log out' }).click()
  await phone(owner).getByText('Scan with the phone').waitFor()
  await phone(owner).getByRole('button', { name: 'Stop' }).click()
  await phone(owner).getByText('Stopped', { exact: true }).waitFor()
  await owner.isSound('a session that is stopped')
})

test('a key the server refuses is found out and said', async () => {
  const owner = await desk.sitting(desk.owner)
  const { page } = owner
  const channel = await desk.api.ask('POST', '/channels', { kind: 'waha', name: 'Wrong key', config: { baseUrl: waha.baseUrl, apiKey: 'not the key', session: 'wrong' } })
  await page.goto(`/settings/channels/${channel.id}`)
  await phone(owner).getByRole('alert').waitFor()
  await owner.section('Does it work?').getByRole('button', { name: 'Check the connection' }).click()
  await page.getByText('The server refuses the API key. Give it anew, as in the server’s own configuration.').waitFor()
  await page.getByRole('button', { name: 'Open settings: The API key is taken' }).waitFor()
  await owner.isSound('a key that is refused')
  await desk.api.ask('DELETE', `/channels/${channel.id}`)
})

test('no further phone is paired than the firm may, and the limit is named', async () => {
  const owner = await desk.sitting(desk.owner)
  const { page } = owner
  const { items } = await desk.api.ask('GET', '/channels')
  await desk.api.ask('PUT', '/settings/channel.sessionsMax', { level: 'tenant', value: items.filter((one) => one.kind === 'waha').length })
  await page.goto('/settings/channels/new')
  await page.getByRole('radio', { name: 'Phone by QR code' }).click()
  await page.getByLabel('Address of the WAHA server').fill(waha.baseUrl)
  await page.getByLabel('API key').fill(waha.apiKey)
  await page.getByLabel('Session', { exact: true }).fill('one-too-many')
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  const refusal = page.getByRole('alert')
  await refusal.getByText(/^No further session: the limit of paired phones is reached/).waitFor()
  await owner.isSound('the limit of paired phones')
  await refusal.getByRole('button', { name: 'Open company settings' }).click()
  await page.getByText('channel.sessionsMax').waitFor()
})
