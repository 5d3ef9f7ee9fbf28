// Found again: by any word of a message, by name and by number, and opened where it stands.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Desk, inSight } from '../desk.mjs'
import { until } from '../harness.mjs'

let desk
before(async () => { desk = await Desk.open() })
after(async () => { await desk?.close() })

const results = (agent, title) => agent.page.getByRole('heading', { name: title, exact: true }).locator('..').getByRole('listitem')

async function searching(agent, words) {
  await agent.page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Search' }).click()
  await agent.page.getByRole('searchbox').fill(words)
}

test('a word of a message is found a second later, accents and case aside, and opened in its place', async () => {
  const customer = await desk.customer('Genevieve Ash', 'O carburador está quebrado na rodovia do café')
  for (let index = 1; index <= 70; index++) await desk.provider.writes(customer, `And later words, number ${index}`)
  await desk.give(customer, desk.bianca)
  const bianca = await desk.sitting(desk.bianca)
  for (const words of ['carburador', 'CARBURADOR', 'cafe', 'Café', 'esta quebrado', 'carbur', '"rodovia do café"']) {
    await searching(bianca, words)
    const hit = results(bianca, 'Messages').filter({ hasText: 'Genevieve Ash' })
    await hit.getByText(/carburador/).waitFor()
    assert.ok(await hit.locator('mark').count(), `${words}: the words found are marked`)
  }
  await bianca.isSound('results of a search')
  await results(bianca, 'Messages').filter({ hasText: 'Genevieve Ash' }).getByRole('link').click()
  const message = bianca.bubble('carburador')
  await message.waitFor()
  await inSight(message)
  await bianca.thread.getByRole('heading', { name: 'Genevieve Ash' }).waitFor()
})

test("an agent's own answer and a note are found too", async () => {
  const customer = await desk.customer('Lucian Frye', 'Hi')
  await desk.give(customer, desk.bianca)
  const bianca = await desk.sitting(desk.bianca)
  await bianca.open('Lucian Frye')
  await bianca.message.fill('The alternator costs ninety')
  await bianca.message.press('Enter')
  await bianca.bubble('alternator').getByRole('img', { name: 'Delivered' }).waitFor()
  await bianca.thread.getByRole('button', { name: 'Note', exact: true }).click()
  await bianca.note.fill('prefers xylophones')
  await bianca.thread.getByRole('button', { name: 'Add note' }).click()
  await bianca.bubble('xylophones').getByText('Your note').waitFor()
  await searching(bianca, 'alternator')
  await results(bianca, 'Messages').filter({ hasText: 'Lucian Frye' }).waitFor()
  await bianca.page.getByRole('searchbox').fill('xylophones')
  await results(bianca, 'Messages').filter({ hasText: 'Lucian Frye' }).waitFor()
})

test('messages are narrowed down by who wrote them and of what kind they are', async () => {
  const customer = await desk.customer('Octavia Rune', 'The gasket leaks again')
  await desk.give(customer, desk.bianca)
  const bianca = await desk.sitting(desk.bianca)
  await bianca.open('Octavia Rune')
  await bianca.message.fill('A new gasket is here')
  await bianca.message.press('Enter')
  await bianca.bubble('A new gasket').getByRole('img', { name: 'Delivered' }).waitFor()
  await searching(bianca, 'gasket')
  await until('both are found', async () => (await results(bianca, 'Messages').count()) === 2)
  await bianca.choose('Written by', 'Us')
  await until('one is left', async () => (await results(bianca, 'Messages').count()) === 1)
  await results(bianca, 'Messages').getByText('A new gasket is here').waitFor()
  await bianca.isSound('narrowed results')
  await bianca.choose('Kind', 'Picture')
  await bianca.page.getByText('Nothing found for “gasket”').waitFor()
  await bianca.page.getByRole('button', { name: 'Without filters' }).click()
  await until('both are back', async () => (await results(bianca, 'Messages').count()) === 2)
})

test('people are found by name and by a part of their number', async () => {
  const customer = await desk.customer('Zbigniew Ołówek', 'Hello')
  const bianca = await desk.sitting(desk.bianca)
  for (const words of ['zbigniew', 'olowek', customer.phone.slice(3), `+${customer.phone}`]) {
    await searching(bianca, words)
    await bianca.page.getByRole('listitem').filter({ hasText: 'Zbigniew Ołówek' }).first().waitFor()
  }
  await bianca.page.getByRole('searchbox').fill('zbigniew')
  await results(bianca, 'People').filter({ hasText: 'Zbigniew' }).getByRole('button').click()
  await bianca.thread.getByRole('heading', { name: 'Zbigniew Ołówek' }).waitFor()
})

test('a conversation is found by its protocol number', async () => {
  const customer = await desk.customer('Ignatius Pell', 'Hello')
  const bianca = await desk.sitting(desk.bianca)
  await searching(bianca, customer.conversation.protocol)
  await results(bianca, 'Conversations').filter({ hasText: 'Ignatius Pell' }).getByRole('link').click()
  await bianca.thread.getByRole('heading', { name: 'Ignatius Pell' }).waitFor()
})

test('nothing found says so, and a strange query breaks nothing', async () => {
  const bianca = await desk.sitting(desk.bianca)
  await searching(bianca, 'qwertzuiopasdf')
  await bianca.page.getByText('Nothing found for “qwertzuiopasdf”').waitFor()
  await bianca.isSound('nothing found')
  for (const words of ['"unclosed', 'AND OR NOT', 'a:b^~*?', '((((', '<script>alert(1)</script>', '%00 %']) {
    await bianca.page.getByRole('searchbox').fill(words)
    await until(`${words} is answered`, async () => (await bianca.page.locator('[aria-busy=true]').count()) === 0 && (await bianca.page.url()).includes(encodeURIComponent(words)))
    assert.equal(await bianca.page.getByRole('alert').count(), 0, words)
  }
  await bianca.isSound('after strange queries')
})

test('what an agent may not read is not found by searching for it', async () => {
  const alone = { email: 'alone@example.com', password: 'nobody works with me' }
  await desk.api.ask('POST', '/users', { name: 'Alma Alone', role: 'AGENT', queueIds: [], ...alone })
  await desk.customer('Seraphina Doyle', 'The secret word is quokka')
  const bianca = await desk.sitting(desk.bianca)
  await searching(bianca, 'quokka')
  await results(bianca, 'Messages').filter({ hasText: 'Seraphina Doyle' }).waitFor()
  const alma = await desk.at(alone)
  await searching(alma, 'quokka')
  await alma.page.getByText('Nothing found for “quokka”').waitFor()
  await alma.close()
})

test('the address of a search can be shared', async () => {
  await desk.customer('Casimir Bloom', 'Where is the wheelhouse?')
  const bianca = await desk.sitting(desk.bianca)
  await searching(bianca, 'wheelhouse')
  await results(bianca, 'Messages').first().waitFor()
  const rafael = await desk.sitting(desk.supervisor)
  await rafael.page.goto(bianca.page.url())
  await results(rafael, 'Messages').filter({ hasText: 'Casimir Bloom' }).waitFor()
  assert.equal(await rafael.page.getByRole('searchbox').inputValue(), 'wheelhouse')
})
