// The power goes and comes back: the pages that are open find their way by themselves.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Api, connect, moves } from '../desk.mjs'
import { closeBrowser, Farol, person } from '../harness.mjs'
import { Provider } from '../provider.mjs'

const OWNER = { email: 'owner@example.com', password: 'a lamp in the window' }

let farol, provider
before(async () => {
  farol = await Farol.start('serve')
  provider = await Provider.start()
  const code = new URL(farol.setupUrl).searchParams.get('code')
  const owner = { name: 'Olga Owner', ...OWNER }
  const { token } = await new Api(farol).ask('POST', '/setup', { code, language: 'en', timezone: 'Europe/Lisbon', country: 'PT', owner, company: { name: 'Lamp and Sons' }, queue: { name: 'Front desk' } })
  await connect(new Api(farol, token), provider, 'Line')
})
after(async () => {
  await closeBrowser()
  await provider?.stop()
  await farol?.stop()
})

test('killed and started again, the page goes on without a reload and misses nothing', async () => {
  const customer = provider.person('Percival Stone')
  await provider.writes(customer, 'Before the lights went out')
  const visitor = await person(farol)
  await visitor.signIn(OWNER)
  const desk = moves(visitor.page)
  await desk.tab('Unassigned')
  await desk.open('Percival Stone')
  await desk.bubble('Before the lights went out').waitFor()
  await desk.message.fill('Half an answer')
  await visitor.page.evaluate(() => { globalThis.sameDocument = true })

  await farol.kill()
  await visitor.page.getByText(/^Connection lost/).first().waitFor()
  await visitor.isSound('without a server')
  // Written in the dark, it waits for the light.
  await desk.message.fill('Said in the dark')
  await desk.message.press('Enter')
  await desk.bubble('Said in the dark').waitFor()
  await desk.message.fill('Half an answer')

  await farol.runAgain()
  await provider.writes(customer, 'Written as the lights came back')
  await desk.bubble('Written as the lights came back').waitFor()
  await desk.bubble('Said in the dark').getByRole('img', { name: 'Delivered' }).waitFor()
  await visitor.page.getByRole('status', { name: 'Live' }).waitFor()
  for (const words of ['Before the lights went out', 'Said in the dark', 'Written as the lights came back']) assert.equal(await desk.bubble(words).count(), 1, words)
  assert.equal(provider.sent.filter((message) => message.text === 'Said in the dark').length, 1)
  assert.equal(await desk.message.inputValue(), 'Half an answer')
  assert.ok(await visitor.page.evaluate(() => globalThis.sameDocument), 'it was never loaded again')
  await visitor.isSound('after a restart')
  await visitor.close()
})
