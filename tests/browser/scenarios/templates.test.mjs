// Messages that may be sent after a day of silence: fetched, found, written, refused, approved and deleted.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Desk, refused } from '../desk.mjs'
import { PICTURE, until } from '../harness.mjs'

let desk
before(async () => {
  desk = await Desk.open({ messages: 100 })
  const { provider, number } = desk
  const body = (text, ...values) => ({ type: 'BODY', text, ...(values.length > 0 && { example: { body_text: [values] } }) })
  provider.template(number, {
    name: 'truck_on_its_way',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'Job {{1}}', example: { header_text: ['4711'] } },
      body('Hello {{1}}, truck *{{2}}* is with you in a moment.', 'Clara', 'Rui'),
      { type: 'FOOTER', text: 'Farol' },
      { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'I am safe' }, { type: 'URL', text: 'Track it', url: 'https://farol.example.com/t/{{1}}', example: ['https://farol.example.com/t/4711'] }] },
    ],
  })
  provider.template(number, { name: 'winter_offer', language: 'fr', category: 'MARKETING', status: 'PAUSED', quality: 'RED', components: [body('Batteries à moitié prix.')] })
})
after(async () => { await desk?.close() })

const preview = ({ page }) => page.getByRole('region', { name: 'Preview' })
const row = ({ page }, name) => page.getByRole('main').getByRole('list').getByRole('link').filter({ hasText: name })
const atTemplates = async () => {
  const owner = await desk.sitting(desk.owner)
  await owner.page.goto('/settings/templates')
  await owner.page.getByRole('heading', { name: 'Message templates', level: 1 }).waitFor()
  return owner
}

test('what is at Meta is fetched, and narrowed down', async () => {
  const owner = await atTemplates()
  const { page } = owner
  await owner.isSound('no templates yet')
  await page.getByRole('button', { name: 'Fetch from Meta' }).click()
  await row(owner, 'truck_on_its_way').waitFor()
  await row(owner, 'winter_offer').getByText('Paused').waitFor()
  await owner.isSound('the list of templates')
  await page.getByRole('searchbox', { name: 'Search by name or words' }).fill('truck moment')
  await row(owner, 'winter_offer').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await page.getByRole('combobox', { name: /^Language/ }).click()
  await page.getByRole('option', { name: 'French' }).click()
  await row(owner, 'truck_on_its_way').waitFor({ state: 'detached' })
  await row(owner, 'winter_offer').waitFor()
  await page.getByRole('searchbox').fill('nothing like it')
  await page.getByText('No template fits this filter').waitFor()
  await owner.isSound('templates that nothing fits')
})

test('a template shows how it will read', async () => {
  const owner = await atTemplates()
  await row(owner, 'truck_on_its_way').click()
  await preview(owner).getByText('Job 4711').waitFor()
  await preview(owner).getByText('Hello Clara').waitFor()
  // WhatsApp's marks are shown as it shows them.
  await preview(owner).locator('strong').filter({ hasText: 'Rui' }).waitFor()
  await preview(owner).getByText('Track it').waitFor()
  await owner.page.getByRole('row').filter({ hasText: 'in button 2' }).waitFor()
  await owner.isSound('one template')
})

test('a template is written with its preview beside it, refused in the provider’s words, and handed in', async () => {
  const owner = await atTemplates()
  const { page } = owner
  await page.getByRole('button', { name: 'New template' }).click()
  await page.getByRole('heading', { name: 'New message template', level: 1 }).waitFor()
  await page.getByRole('combobox', { name: 'Channel' }).click()
  await page.getByRole('option', { name: 'Oficina' }).click()
  await page.getByRole('button', { name: 'Hand in' }).click()
  await refused(page.getByLabel('Name'))
  await owner.isSound('a template with refused fields')
  // Blanks and capitals become what the provider takes.
  await page.getByLabel('Name').fill('Service Reminder')
  assert.equal(await page.getByLabel('Name').inputValue(), 'service_reminder')
  await page.getByRole('radio', { name: 'Line' }).click()
  await page.getByLabel('Line').last().fill('x'.repeat(61))
  await page.getByText('61/60').waitFor()
  await refused(page.getByLabel('Line').last())
  await page.getByLabel('Line').last().fill('Your car')
  const words = page.locator('textarea')
  await words.fill('Hello ')
  await page.getByRole('button', { name: 'Add a variable' }).click()
  await words.press('End')
  await words.pressSequentially(', your *service* is due.')
  assert.equal(await words.inputValue(), 'Hello {{1}}, your *service* is due.')
  await page.getByRole('button', { name: 'Hand in' }).click()
  const example = page.getByLabel(/in the words/)
  await refused(example)
  await example.fill('Clara')
  await preview(owner).getByText('Hello Clara, your').waitFor()
  await page.getByRole('button', { name: 'Add a button' }).click()
  await page.getByRole('menuitem', { name: 'Answers' }).click()
  await page.getByLabel('On the button').fill('Book it')
  await preview(owner).getByText('Book it').waitFor()
  await owner.isSound('a template being written')

  desk.provider.refusesTemplate('The words look like an offer.')
  await page.getByRole('button', { name: 'Hand in' }).click()
  await page.getByRole('alert').getByText(/The words look like an offer\./).waitFor()
  await owner.isSound('a template the provider refused')
  await page.getByRole('button', { name: 'Hand in' }).click()
  await page.getByRole('heading', { name: 'service_reminder', level: 1 }).waitFor()
  await page.getByText('Being looked over', { exact: true }).waitFor()
  const handed = desk.number.templates.find((one) => one.name === 'service_reminder')
  assert.ok(handed.components.some((part) => part.type === 'BODY' && part.text === 'Hello {{1}}, your *service* is due.'))
})

test('a picture above the words is shown to the provider, and a code has words of its own', async () => {
  const owner = await atTemplates()
  const { page } = owner
  await page.getByRole('button', { name: 'New template' }).click()
  await page.getByRole('combobox', { name: 'Channel' }).click()
  await page.getByRole('option', { name: 'Oficina' }).click()
  await page.getByLabel('Name').fill('open_day')
  await page.getByRole('combobox', { name: 'Kind' }).click()
  await page.getByRole('option', { name: 'Code' }).click()
  await preview(owner).getByText('is your verification code.').waitFor()
  assert.equal(await page.locator('textarea').count(), 0)
  await owner.isSound('a template with a code')
  await page.getByRole('combobox', { name: 'Kind' }).click()
  await page.getByRole('option', { name: 'Marketing' }).click()
  await page.getByRole('radio', { name: 'Picture' }).click()
  await page.locator('textarea').fill('Come and see us.')
  await page.getByRole('button', { name: 'Hand in' }).click()
  await refused(page.getByLabel('Example file'))
  await page.getByLabel('Example file').setInputFiles({ name: 'Yard.png', mimeType: 'image/png', buffer: PICTURE })
  await preview(owner).getByRole('img', { name: 'Picture' }).waitFor()
  await owner.isSound('a template with a picture')
  await page.getByRole('button', { name: 'Hand in' }).click()
  await page.getByRole('heading', { name: 'open_day', level: 1 }).waitFor()
  const handed = desk.number.templates.find((one) => one.name === 'open_day')
  const header = handed.components.find((part) => part.type === 'HEADER')
  assert.equal(header.format, 'IMAGE')
  assert.match(header.example.header_handle[0], /^4::/)
})

test('the provider’s word arrives while one looks', async () => {
  const owner = await atTemplates()
  const handed = desk.number.templates.find((one) => one.name === 'service_reminder')
  await desk.provider.decides(desk.number, handed, 'APPROVED')
  await row(owner, 'service_reminder').getByText('Approved').waitFor()
  await desk.provider.decides(desk.number, handed, 'REJECTED', 'INCORRECT_CATEGORY')
  await row(owner, 'service_reminder').getByText('Refused').waitFor()
  await row(owner, 'service_reminder').getByText('INCORRECT_CATEGORY').waitFor()
})

test('a refused template gets other words', async () => {
  const owner = await atTemplates()
  const { page } = owner
  await row(owner, 'service_reminder').click()
  await page.getByRole('button', { name: 'Edit' }).click()
  const words = page.locator('textarea')
  await until('the words are there', async () => (await words.inputValue()).startsWith('Hello'))
  await words.fill('Hello {{1}}, your car wants to be looked after.')
  await owner.isSound('a template being changed')
  await page.getByRole('button', { name: 'Hand in' }).click()
  await page.getByText('Being looked over', { exact: true }).waitFor()
  await preview(owner).getByText('your car wants to be looked after.').waitFor()
})

test('a template is deleted after a question, at the provider too', async () => {
  const owner = await atTemplates()
  const { page } = owner
  await row(owner, 'winter_offer').click()
  await page.getByRole('button', { name: 'Delete template' }).click()
  const question = page.getByRole('alertdialog', { name: 'Delete “winter_offer”?' })
  await question.waitFor()
  await owner.isSound('the question before a template goes')
  await question.getByRole('button', { name: 'Delete template' }).click()
  await owner.toast('“winter_offer” is deleted.').waitFor()
  assert.ok(!desk.number.templates.some((one) => one.name === 'winter_offer'))
  assert.equal(await row(owner, 'winter_offer').count(), 0)
})

test('an agent reads templates and writes none', async () => {
  const bianca = await desk.sitting(desk.bianca)
  await bianca.page.goto('/settings/templates')
  await row(bianca, 'truck_on_its_way').click()
  await preview(bianca).getByText('Hello Clara').waitFor()
  assert.equal(await bianca.page.getByRole('button', { name: 'Edit' }).count(), 0)
  assert.equal(await bianca.page.getByRole('button', { name: 'Delete template' }).count(), 0)
  await bianca.isSound("a template in an agent's eyes")
})
