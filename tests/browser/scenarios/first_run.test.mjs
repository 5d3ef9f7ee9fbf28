// A fresh box: nobody owns it, and only whoever stands at its terminal can.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { closeBrowser, Farol, person } from '../harness.mjs'

let farol
before(async () => { farol = await Farol.start('serve') })
after(async () => { await closeBrowser(); await farol?.stop() })

test('the address on the terminal opens the wizard', async () => {
  const owner = await person(farol)
  assert.match(farol.setupUrl, /\/setup\?code=[0-9A-Z-]{20,}$/)
  await owner.page.goto(farol.setupUrl)
  await owner.page.getByRole('heading').first().waitFor()
  await owner.isSound('wizard')
  await owner.close()
})

for (const locale of ['pt-BR', 'fr', 'es']) {
  test(`it greets in the browser's language: ${locale}`, async () => {
    const owner = await person(farol, { locale })
    await owner.page.goto(farol.setupUrl)
    await owner.page.getByRole('heading').first().waitFor()
    assert.equal(await owner.page.locator('html').getAttribute('lang'), locale)
    await owner.isSound(`wizard in ${locale}`)
    await owner.close()
  })
}

test('the API answers nobody until there is an owner', async () => {
  const answer = await fetch(`${farol.url}/api/v1/conversations`)
  assert.ok([401, 503].includes(answer.status), `answered ${answer.status}`)
  assert.equal((await fetch(`${farol.url}/livez`)).status, 200)
})
