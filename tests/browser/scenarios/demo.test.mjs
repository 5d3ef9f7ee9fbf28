// What a newcomer sees: the first minute of `farol demo`.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { closeBrowser, Farol, PATIENCE_MS, person } from '../harness.mjs'

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
