// The contract as a page: it can be read by anybody, and who is signed in tries calls from it, on a desk and on a
// phone, by day and by night, in every language, under the strict policy of the box.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Desk } from '../desk.mjs'
import { person, picture, SIZES, theme, until } from '../harness.mjs'

const LANGUAGES = { 'en-GB': ['en', 'Try it'], 'pt-PT': ['pt-BR', 'Experimentar'], 'fr-FR': ['fr', 'Essayer'], 'es-ES': ['es', 'Probar'] }

let desk
before(async () => { desk = await Desk.open() })
after(async () => { await desk?.close() })

/** Opens an operation; gives its form. */
async function operation(page, method, path) {
  await page.locator(`details[data-path="${path}"] > summary`).filter({ hasText: method.toUpperCase() }).click()
  const form = page.locator(`form[data-of="${method} ${path}"]`)
  await form.waitFor()
  return form
}

const answer = (form) => form.getByRole('status')

test('who is signed in tries a call and sees status, headers and body', async () => {
  const visitor = await person(desk.farol)
  const { page } = visitor
  await visitor.signIn(desk.owner)
  await page.goto('/api/docs')
  await page.getByText(`Signed in as ${desk.owner.name}`).waitFor()
  const list = await operation(page, 'get', '/api/v1/queues')
  await list.getByLabel('limit').fill('1')
  await list.getByRole('button', { name: 'Send' }).click()
  await until('the answer is there', async () => (await answer(list).textContent()).includes('200'))
  assert.match(await list.getByRole('region', { name: 'Headers' }).textContent(), /x-farol-seq: \d+/)
  const { items } = JSON.parse(await list.getByRole('region', { name: 'Body' }).textContent())
  assert.equal(items.length, 1)
  await visitor.isSound('an answer')

  // A path parameter that is missing is asked for; a body that is no JSON is not sent; a refusal is shown as it is.
  const change = await operation(page, 'patch', '/api/v1/queues/{queueId}')
  await change.getByRole('button', { name: 'Send' }).click()
  assert.equal(await answer(change).textContent(), 'Fill in queueId first.')
  await change.getByLabel('queueId').fill(items[0].id)
  const body = change.getByRole('textbox', { name: /^Body/ })
  await body.fill('{"name": ')
  await change.getByRole('button', { name: 'Send' }).click()
  assert.match(await answer(change).textContent(), /^This is not JSON/)
  await body.fill(JSON.stringify({ name: 'Night desk' }))
  await change.getByRole('button', { name: 'Send' }).click()
  await until('the change is made', async () => (await answer(change).textContent()).includes('200'))
  await body.fill(JSON.stringify({ name: '' }))
  await change.getByRole('button', { name: 'Send' }).click()
  await until('the refusal is shown', async () => (await answer(change).textContent()).includes('422'))
  assert.equal(JSON.parse(await change.getByRole('region', { name: 'Body' }).textContent()).code, 'invalid')
  await page.goto('/')
  await page.getByRole('main').waitFor()
  await visitor.isSound('the desk afterwards, still signed in')
  await visitor.close()
})

test('who is not signed in reads it all and is told where to sign in', async () => {
  const visitor = await person(desk.farol)
  await visitor.page.goto('/api/docs')
  await visitor.page.getByRole('link', { name: 'Sign in' }).waitFor()
  const form = await operation(visitor.page, 'get', '/api/v1/health')
  await form.getByRole('button', { name: 'Send' }).click()
  await until('the answer is there', async () => (await answer(form).textContent()).includes('200'))
  const closed = await operation(visitor.page, 'get', '/api/v1/users')
  await closed.getByRole('button', { name: 'Send' }).click()
  await until('the refusal is there', async () => (await answer(closed).textContent()).includes('401'))
  await visitor.isSound('without a sign-in')
  await visitor.close()
})

for (const [locale, [lang, words]] of Object.entries(LANGUAGES)) {
  test(`it speaks ${lang} on a phone and a desk, by day and by night`, async () => {
    for (const [name, size] of Object.entries(SIZES)) {
      const visitor = await person(desk.farol, { locale, ...size })
      const { page } = visitor
      await page.goto('/api/docs')
      assert.equal(await page.evaluate(() => document.documentElement.lang), lang)
      const form = await operation(page, 'post', '/api/v1/users')
      await form.getByRole('heading', { name: words }).waitFor()
      await page.locator('#shape-Message > summary').click()
      for (const scheme of ['light', 'dark']) {
        await theme(page, scheme)
        await visitor.isSound(`${lang} ${name} ${scheme}`, { contrastOnly: scheme === 'dark' })
        await picture(page, `docs-${name}-${scheme}-${lang}`)
      }
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      assert.equal(over, 0, `${lang} ${name}: nothing sticks out`)
      await visitor.close()
    }
  })
}
