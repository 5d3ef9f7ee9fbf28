// What a newcomer sees: the first minute of `farol demo`.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { moves } from '../desk.mjs'
import { closeBrowser, Farol, PATIENCE_MS, person, until } from '../harness.mjs'

let farol
before(async () => { farol = await Farol.start('demo', '--messages', '3000', '--speed', '4') })
after(async () => { await closeBrowser(); await farol?.stop() })

test('conversations move within ten seconds of signing in', async () => {
  assert.ok(farol.signIns.length >= 2, farol.lines.join('\n'))
  const owner = await person(farol)
  await owner.signIn(farol.signIns[0])
  const list = owner.page.getByRole('main')
  await list.waitFor()
  const before = await list.innerText()
  await owner.page.waitForFunction((old) => document.querySelector('main')?.innerText !== old, before, { timeout: 10_000 })
  await owner.isSound('inbox')
  await owner.close()
})

test('a made-up customer gets an answer, and reads it', async () => {
  const owner = await person(farol)
  await owner.signIn(farol.signIns[0])
  // The firm of the demo speaks Portuguese; this visitor does not.
  await owner.page.getByRole('button', { name: /Marina Prado/ }).click()
  await owner.page.getByRole('menuitem', { name: 'Preferências' }).click()
  await owner.page.getByRole('dialog').getByRole('combobox').first().click()
  await owner.page.getByRole('option', { name: 'English' }).click()
  await owner.page.getByRole('dialog', { name: 'Preferences' }).getByRole('button', { name: 'Close' }).click()
  const desk = Object.assign(owner, moves(owner.page))
  await desk.tab('Unassigned')
  const rows = desk.list.getByRole('list').getByRole('link')
  await rows.first().waitFor()
  const addresses = () => rows.evaluateAll((links) => links.map((link) => link.getAttribute('href')))
  const old = new Set(await addresses())
  const fresh = await until('somebody new writes', async () => (await addresses()).find((address) => !old.has(address)))
  await desk.list.locator(`a[href="${fresh}"]`).click()
  await desk.message.fill('Marina here, I am sending somebody.')
  await desk.message.press('Enter')
  await desk.bubble('Marina here, I am sending somebody.').getByRole('img', { name: 'Read' }).waitFor()
  await owner.isSound('an answer that a made-up customer read')
  await owner.close()
})

test('a phone in the dark shows the inbox too', async () => {
  const agent = await person(farol, { width: 390, height: 844, colorScheme: 'dark' })
  await agent.signIn(farol.signIns.at(-1))
  await agent.page.getByRole('main').waitFor()
  const overflow = await agent.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(overflow <= 0, `the page is ${overflow} px wider than the phone`)
  await agent.isSound('inbox on a phone')
  await agent.close()
})

test('a wrong password is refused in words', async () => {
  const stranger = await person(farol)
  await stranger.page.goto('/')
  await stranger.page.locator('input[name=email]').fill(farol.signIns[0].email)
  await stranger.page.locator('input[name=password]').fill('not the password at all')
  await stranger.page.locator('button[type=submit]').click()
  await stranger.page.getByRole('alert').first().waitFor({ timeout: PATIENCE_MS })
  await stranger.isSound('refused sign-in')
  await stranger.close()
})
