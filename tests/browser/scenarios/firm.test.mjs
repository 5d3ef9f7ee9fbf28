// The firm's own matters: its facts and settings, its queues.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Desk, refused } from '../desk.mjs'

let desk
before(async () => { desk = await Desk.open({ messages: 100 }) })
after(async () => { await desk?.close() })

test('facts of the firm are kept, and what is refused is refused at its field', async () => {
  const owner = await desk.ownerAt('firm', 'Company')
  const { page } = owner
  const form = page.getByRole('group', { name: 'Company facts' })
  await form.getByLabel('Company name').fill('')
  await form.getByLabel('Time zone').fill('Atlantis/Downtown')
  await form.getByRole('button', { name: 'Save' }).click()
  await refused(form.getByLabel('Company name'))
  await owner.isSound('refused facts of the firm')
  await form.getByLabel('Company name').fill('Oficina Farol')
  await form.getByRole('button', { name: 'Save' }).click()
  await refused(form.getByLabel('Time zone'))
  await form.getByLabel('Time zone').fill('Europe/Lisbon')
  await form.getByRole('combobox', { name: 'Country' }).click()
  await page.getByRole('option', { name: 'Portugal', exact: true }).click()
  await form.getByRole('combobox', { name: 'Currency' }).click()
  await owner.isSound('the choice of a currency')
  await page.getByRole('option', { name: 'Euro (EUR)' }).click()
  await form.getByRole('combobox', { name: 'Protocol numbers' }).click()
  await page.getByRole('option', { name: /^yyyyMMddHHmmss/ }).click()
  await form.getByRole('button', { name: 'Save' }).click()
  await owner.toast('Saved').waitFor()
  await page.reload()
  assert.equal(await form.getByLabel('Company name').inputValue(), 'Oficina Farol')
  assert.equal(await form.getByLabel('Time zone').inputValue(), 'Europe/Lisbon')
  await form.getByRole('combobox', { name: 'Currency' }).getByText('Euro (EUR)').waitFor()
  await page.getByRole('button', { name: /Marina Prado/ }).click()
  await page.getByText('Oficina Farol').waitFor()
  await page.keyboard.press('Escape')

  // Clocks follow the firm's zone, whatever the browser's.
  const at = Date.UTC(2026, 0, 15, 12, 34)
  await desk.provider.writes(desk.provider.person('Hermione Clock'), 'What time is it?', { at })
  const bianca = await desk.sitting(desk.bianca)
  await bianca.page.goto('/search?q=hermione')
  await bianca.page.getByRole('listitem').filter({ hasText: 'Hermione Clock' }).getByRole('link').first().click()
  await bianca.bubble('What time is it?').getByText(/12:34/).waitFor()
  await bianca.thread.getByText(/Conversation began on/).waitFor()
})

test('a setting is changed, its origin told, and reset', async () => {
  const owner = await desk.ownerAt('firm', 'Company')
  const { page } = owner
  const setting = page.getByText('conversations.reopenMinutes').locator('xpath=ancestor::div[3]')
  const before = await setting.innerText()
  assert.match(before, /Default/)
  await page.getByRole('button', { name: 'Edit conversations.reopenMinutes' }).click()
  await page.getByLabel('Value').fill('-5')
  await page.getByRole('button', { name: 'Save' }).last().click()
  await refused(page.getByLabel('Value'))
  await owner.isSound('a refused setting')
  await page.getByLabel('Value').fill('77')
  await page.getByRole('button', { name: 'Save' }).last().click()
  await page.getByText('77', { exact: true }).waitFor()
  await setting.getByText('Set for the company').waitFor()
  await setting.getByRole('button', { name: 'Reset' }).click()
  await setting.getByText('Default').first().waitFor()
  await page.getByText('77', { exact: true }).waitFor({ state: 'detached' })
})

test('a queue is made, named anew, made the default, and deleted once nobody waits in it', async () => {
  const owner = await desk.ownerAt('queues', 'Queues')
  const { page } = owner
  await page.getByRole('button', { name: 'New queue' }).click()
  const dialog = owner.dialog('New queue')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await refused(dialog.getByLabel('Name'))
  await owner.isSound('a queue without a name')
  await dialog.getByLabel('Name').fill('Guinchos')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText(/already/).waitFor()
  await dialog.getByLabel('Name').fill('Night watch')
  await dialog.getByLabel('Colour').fill('#336699')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  const item = (name) => page.getByRole('listitem').filter({ hasText: name })
  await item('Night watch').getByText('Nobody works here yet').waitFor()

  await page.getByRole('button', { name: 'Actions for Night watch' }).click()
  await page.getByRole('menuitem', { name: 'Make it the default' }).waitFor()
  await owner.isSound("the menu of a queue's actions")
  await page.getByRole('menuitem', { name: 'Edit' }).click()
  await owner.dialog('Edit Night watch').getByLabel('Name').fill('Night shift')
  await owner.dialog('Edit Night watch').getByRole('button', { name: 'Save' }).click()
  await item('Night shift').waitFor()
  await page.getByRole('button', { name: 'Actions for Night shift' }).click()
  await page.getByRole('menuitem', { name: 'Make it the default' }).click()
  await item('Night shift').getByText('Default').waitFor()
  await item('Guinchos').getByText('Default').waitFor({ state: 'detached' })

  // Who writes now waits there.
  const customer = await desk.customer('Ludovic Night', 'Late')
  const bianca = await desk.sitting(desk.bianca)
  const { items: queues } = await desk.api.ask('GET', '/queues')
  assert.equal(customer.conversation.queueId, queues.find((queue) => queue.name === 'Night shift').id)
  await bianca.tab('Unassigned')
  await bianca.row('Hermione Clock').or(bianca.list.getByRole('link').first()).first().waitFor()
  assert.equal(await bianca.row('Ludovic Night').count(), 0, 'she does not work in that queue')

  await page.getByRole('button', { name: 'Actions for Guinchos' }).click()
  await page.getByRole('menuitem', { name: 'Make it the default' }).click()
  await item('Guinchos').getByText('Default').waitFor()
  const remove = async () => {
    await page.getByRole('button', { name: 'Actions for Night shift' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('alertdialog', { name: 'Delete the queue Night shift?' }).getByRole('button', { name: 'Delete' }).click()
  }
  await remove()
  await owner.toast('Open conversations still wait in this queue.').waitFor()
  await desk.api.ask('POST', `/conversations/${customer.conversation.id}/resolve`, {})
  await remove()
  await owner.toast('The queue Night shift is deleted.').waitFor()
  await item('Night shift').waitFor({ state: 'detached' })
})

test("another's change of a queue shows at once", async () => {
  const owner = await desk.ownerAt('queues', 'Queues')
  const made = await desk.api.ask('POST', '/queues', { name: 'From elsewhere' })
  await owner.page.getByRole('listitem').filter({ hasText: 'From elsewhere' }).waitFor()
  await desk.api.ask('DELETE', `/queues/${made.id}`)
  await owner.page.getByRole('listitem').filter({ hasText: 'From elsewhere' }).waitFor({ state: 'detached' })
})

test('who may only read sees the facts and cannot change them', async () => {
  const rafael = await desk.sitting(desk.supervisor)
  await rafael.page.goto('/settings/firm')
  await rafael.page.getByText('You can read this; an administrator can change it.').waitFor()
  assert.ok(await rafael.page.getByLabel('Company name').isDisabled())
  assert.equal(await rafael.page.getByRole('button', { name: 'Save' }).count(), 0)
})
