// What the owner looks at when something did not go as it should: dead letters, background work, the box itself.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Desk } from '../desk.mjs'
import { until } from '../harness.mjs'

let desk
before(async () => { desk = await Desk.open({ messages: 100 }) })
after(async () => { await desk?.close() })

/** Meta sends something that nobody can read. */
const unreadable = (mark) => desk.provider.change(desk.number, { messages: [{ id: `wamid.${mark}`, type: 'text', text: { body: mark } }] })

test('what could not be read is shown as it came, tried again and discarded', async () => {
  const owner = await desk.ownerAt('dead-letters', 'Dead letters')
  const { page } = owner
  await page.getByText('Nothing is waiting here').waitFor()
  await owner.isSound('no dead letters')
  await unreadable('unreadable-one')
  // It appears without asking, and is counted beside its name.
  const table = page.getByRole('table', { name: 'Dead letters' })
  await table.getByRole('link').first().waitFor()
  await page.getByRole('navigation', { name: 'Settings' }).getByLabel('1 open').waitFor()
  await owner.isSound('a list of dead letters')
  await table.getByRole('link').first().click()
  await page.getByRole('heading', { name: 'Dead letter', level: 1 }).waitFor()
  await page.getByText('unreadable-one').first().waitFor()
  await owner.isSound('a dead letter')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('alert').getByText('This still can’t be read. It stays here.').waitFor()
  await page.getByRole('button', { name: 'Discard' }).click()
  const question = page.getByRole('alertdialog', { name: 'Discard this for good?' })
  await question.waitFor()
  await owner.isSound('the question before discarding')
  await question.getByRole('button', { name: 'Discard' }).click()
  await owner.toast('Discarded. It can still be read under its kind.').waitFor()
  await page.getByText(/Marina Prado, /).waitFor()
  await page.getByRole('button', { name: 'All dead letters' }).click()
  await page.getByText('Nothing is waiting here').waitFor()
  await owner.choose(/^Show/, 'Incoming message: open and decided')
  await table.getByRole('row').filter({ hasText: 'Discarded' }).waitFor()
  await page.getByText('unreadable-one').first().waitFor({ state: 'detached' })
})

test('a message that could not be sent lies here too, and goes out when it is tried again', async () => {
  const customer = await desk.customer('Konrad Weiss', 'Hello')
  await desk.give(customer, desk.bianca)
  const bianca = await desk.sitting(desk.bianca)
  await bianca.open('Konrad Weiss')
  desk.provider.refuses(131026)
  await bianca.message.fill('Second time lucky')
  await bianca.message.press('Enter')
  await bianca.bubble('Second time lucky').getByRole('img', { name: 'Failed' }).waitFor()

  const owner = await desk.ownerAt('dead-letters', 'Dead letters')
  const { page } = owner
  await page.getByRole('table', { name: 'Dead letters' }).getByRole('row').filter({ hasText: '131026' }).getByRole('link').click()
  await page.getByRole('button', { name: 'Try again' }).click()
  await owner.toast('Tried again: it is on its way.').waitFor()
  await desk.provider.got('Second time lucky')
  await bianca.bubble('Second time lucky').getByRole('img', { name: 'Delivered' }).waitFor()
  await page.getByText('Tried again', { exact: true }).waitFor()
})

test('background work shows what waits and what was done', async () => {
  const owner = await desk.ownerAt('jobs', 'Background work')
  const { page } = owner
  await page.getByRole('radio', { name: 'Jobs' }).waitFor()
  await owner.isSound('jobs')
  await page.getByRole('radio', { name: 'Timers' }).click()
  await page.getByText('What will happen by itself').waitFor()
  await owner.isSound('timers')

  // A channel that is switched off holds what it should send.
  const customer = await desk.customer('Lorenz Held', 'Hello')
  await desk.api.ask('PATCH', `/channels/${desk.channel.id}`, { status: 'DISABLED' })
  await desk.api.ask('POST', '/messages/send', { conversationId: customer.conversation.id, content: 'Held back for now', clientId: crypto.randomUUID() }).catch(() => undefined)
  await page.getByRole('radio', { name: 'Deliveries' }).click()
  const held = page.getByRole('row').filter({ hasText: 'Message to a customer' })
  await held.waitFor()
  await owner.isSound('deliveries')
  await desk.api.ask('PATCH', `/channels/${desk.channel.id}`, { status: 'UNVERIFIED' })
  await desk.provider.got('Held back for now')
  await page.getByText('Nothing is waiting to go out').waitFor()
})

test('the box says what it is and what to look at', async () => {
  const owner = await desk.ownerAt('system', 'System')
  const { page } = owner
  await page.getByRole('heading', { name: 'This box' }).waitFor()
  await page.getByText(/^\d+\.\d+\.\d+ /).waitFor()
  await page.getByText('No public address is set.').waitFor()
  await owner.isSound('the state of the box')
  await page.getByRole('button', { name: 'Look again' }).click()
  await until('it was looked at again', async () => (await page.getByRole('button', { name: 'Look again' }).getAttribute('aria-busy')) !== 'true')
  const docs = await page.getByRole('link', { name: /API’s documentation/ }).getAttribute('href')
  const answer = await fetch(`${desk.farol.url}${docs}`, { headers: { authorization: `Bearer ${desk.api.token}` } })
  assert.equal(answer.status, 200)
})

test('a disk with little room is told to its owner wherever they are, until there is room', async () => {
  const owner = await desk.ownerAt('system', 'System')
  const { page } = owner
  const reserve = (lowMb) => desk.api.ask('PUT', '/settings/system.disk', { level: 'global', value: { lowMb, fullMb: 256 } })
  await reserve(4_000_000_000)
  await page.getByRole('button', { name: 'Look again' }).click()
  const banner = page.getByText(/^Little room is left on the disk of this box/)
  await until('it is told', async () => {
    if (await banner.count()) return true
    await page.getByRole('button', { name: 'Look again' }).click()
    return false
  })
  await page.goto('/inbox/all')
  await banner.waitFor()
  await owner.isSound('little room on the disk')
  await reserve(1_024)
  await page.goto('/settings/system')
  await banner.waitFor({ state: 'detached' })
})

test('an address that leads nowhere says so, signed in or not', async () => {
  const owner = await desk.sitting(desk.owner)
  await owner.page.goto('/nowhere/at/all')
  await owner.page.getByRole('heading', { name: 'Nothing here' }).waitFor()
  await owner.isSound('nothing here')
  await owner.page.goto('/inbox/all/00000000-0000-7000-8000-000000000000')
  await owner.page.getByText('Not here, or not for you').waitFor()
  await owner.isSound('a conversation that is not there')
  await owner.page.goto('/settings/dead-letters/00000000-0000-7000-8000-000000000000')
  await owner.page.getByText('This is not here any more.').waitFor()
  await owner.page.goto('/settings/channels/4711')
  await owner.page.getByText('This is not here any more.').waitFor()
  await owner.isSound('a channel that is not there')
})
