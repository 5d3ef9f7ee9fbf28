// A fresh box: nobody owns it, and only whoever stands at its terminal can. From the printed address to the
// first answer to a customer, without leaving the browser.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { moves } from '../desk.mjs'
import { closeBrowser, Farol, person, picture, SIZES, theme, until } from '../harness.mjs'
import { Provider } from '../provider.mjs'

let farol, provider
before(async () => {
  farol = await Farol.start('serve')
  provider = await Provider.start()
})
after(async () => {
  await closeBrowser()
  await provider?.stop()
  await farol?.stop()
})

test('the address on the terminal opens the wizard', async () => {
  const owner = await person(farol)
  assert.match(farol.setupUrl, /\/setup\?code=[0-9A-Z-]{20,}$/)
  await owner.page.goto(farol.setupUrl)
  await owner.page.getByRole('heading', { name: 'Where you work' }).waitFor()
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

test('without the code nobody gets past the first step', async () => {
  const stranger = await person(farol)
  await stranger.page.goto('/')
  await stranger.page.getByRole('heading', { name: 'Welcome to Farol' }).waitFor()
  await stranger.page.getByLabel('Setup code').fill('ABCD-EFGH-JKMN-PQRS-TVWX')
  await stranger.page.getByRole('button', { name: 'Continue' }).click()
  await stranger.page.getByRole('alert').getByText('This code is not right, or it has been used already.').waitFor()
  await stranger.isSound('a wrong setup code')
  await stranger.close()
})

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`each step of the wizard can be read on a ${size}, by day and by night`, async () => {
    const owner = await person(farol, viewport)
    const { page } = owner
    const inspect = async (step) => {
      for (const scheme of ['light', 'dark']) {
        await theme(page, scheme)
        await picture(page, `${step}-${size}-${scheme}`)
        await owner.isSound(`${step}, ${size}, ${scheme}`, { contrastOnly: scheme === 'dark' })
      }
      await theme(page, 'light')
    }
    await page.goto('/setup')
    await page.getByRole('heading', { name: 'Welcome to Farol' }).waitFor()
    await inspect('setup-code')
    await page.goto(farol.setupUrl)
    await page.getByRole('heading', { name: 'Where you work' }).waitFor()
    await inspect('setup-place')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Your own account' }).waitFor()
    await page.getByRole('button', { name: 'Continue' }).click()
    await until('what is missing is marked', async () => (await page.locator('[aria-invalid=true]').count()) === 3)
    await inspect('setup-owner')
    await page.getByLabel('Your name').fill('Amália Reis')
    await page.getByLabel('E-mail').fill('amalia@example.com')
    await page.getByLabel('Choose a password').fill('a lamp at the end of the pier')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Your company' }).waitFor()
    await inspect('setup-firm')
    await owner.close()
  })
}

test('from the printed address to the first answer', async () => {
  const owner = await person(farol)
  const { page } = owner
  await page.goto(farol.setupUrl)
  await page.getByRole('heading', { name: 'Where you work' }).waitFor()
  await page.getByRole('combobox', { name: 'Country' }).click()
  await page.getByRole('option', { name: 'United Kingdom' }).click()
  await page.getByLabel('Time zone').fill('Europe/London')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Your name').fill('Amália Reis')
  await page.getByLabel('E-mail').fill('amalia at example')
  await page.getByLabel('Choose a password').fill('password')
  await page.getByRole('button', { name: 'Continue' }).click()
  // What was typed so far survives a reload; the password does not.
  await page.getByRole('heading', { name: 'Your company' }).or(page.locator('[aria-invalid=true]')).first().waitFor()
  if (await page.getByRole('heading', { name: 'Your company' }).isVisible()) {
    await page.getByLabel('Company name').fill('Reis & Filhas')
    await page.getByLabel('First queue').fill('Workshop')
    await page.getByRole('button', { name: 'Create and sign in' }).click()
  }
  // The server refuses, and the step with the refused field comes back.
  await page.getByRole('heading', { name: 'Your own account' }).waitFor()
  await until('the refused field is marked', () => page.locator('[aria-invalid=true]').count())
  await owner.isSound('a refused owner')
  await page.getByLabel('E-mail').fill('amalia@example.com')
  await page.getByLabel('Choose a password').fill('a lamp at the end of the pier')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('Company name').fill('Reis & Filhas')
  await page.getByLabel('First queue').fill('Workshop')
  await page.getByRole('button', { name: 'Create and sign in' }).click()
  await page.getByRole('heading', { name: 'Welcome, Amália' }).waitFor()
  await owner.isSound('the first half hour')

  // The number.
  const number = provider.number('Reis & Filhas')
  await page.getByLabel('Phone number ID').fill(number.phoneNumberId)
  await page.getByLabel('Business account ID').fill(number.businessAccountId)
  await page.getByLabel('Access token').fill(number.accessToken)
  await page.getByLabel('App secret').fill(number.appSecret)
  await page.getByText('Rarely needed').click()
  await page.getByLabel('Address of the Graph API').fill(provider.baseUrl)
  await page.getByRole('button', { name: 'Connect', exact: true }).click()
  const address = page.getByLabel('Webhook address')
  await address.waitFor()
  await owner.isSound('what Meta must be told')
  provider.connect(number, new URL(await address.inputValue(), farol.url).href)
  await page.getByRole('button', { name: 'Check the connection' }).click()
  await page.getByRole('listitem').filter({ hasText: /^Access token works/ }).getByRole('img', { name: 'Done' }).waitFor()
  await page.getByRole('button', { name: /^(Continue|Skip for now)$/ }).click()

  // Proof of both ways.
  const customer = provider.person('Beatriz Moura')
  await page.getByText('Waiting for a message from your phone…').waitFor()
  await provider.writes(customer, 'Hello? Is this the workshop?')
  await page.getByLabel('Your phone number').fill(`+${customer.phone}`)
  await page.getByRole('button', { name: 'Send me a test' }).click()
  await page.getByRole('status').getByText('Delivered').waitFor()
  await owner.isSound('a test that arrived')
  await page.getByRole('button', { name: 'Continue' }).click()

  // A colleague, and in.
  await page.getByLabel('E-mail').fill('duarte@example.com')
  await page.getByRole('button', { name: 'Invite', exact: true }).click()
  await page.getByLabel('Link for duarte@example.com').waitFor()
  await owner.isSound('the first invitation')
  await page.getByRole('button', { name: 'Go to the inbox' }).click()
  const desk = moves(page)
  await desk.open('Beatriz Moura')
  await desk.message.fill('It is. What can we do for you?')
  await desk.message.press('Enter')
  await desk.bubble('It is. What can we do for you?').getByRole('img', { name: 'Delivered' }).waitFor()
  await owner.isSound('the first conversation')

  // The wizard is gone for good.
  const late = await person(farol)
  await late.page.goto(farol.setupUrl)
  await late.page.waitForURL('**/login**')
  assert.equal((await fetch(`${farol.url}/api/v1/setup`)).status, 404)
  await late.close()
  await owner.close()
})
