// One person with two numbers: joined to one contact at the desk, and taken apart again.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Desk } from '../desk.mjs'
import { until } from '../harness.mjs'

let desk
before(async () => { desk = await Desk.open() })
after(async () => { await desk?.close() })

const opened = async (visitor, name) => {
  await visitor.open(name)
  // It comes a moment after the thread; where it was put away, the customer's name brings it back.
  await visitor.panel.waitFor({ timeout: 5000 }).catch(() => visitor.thread.getByRole('button', { name }).click())
  await visitor.panel.getByText('Addresses').waitFor()
}

test('two contacts are put side by side, become one with both histories, and are taken apart again', async () => {
  const work = await desk.customer('Mabel Thornton', 'From my work phone')
  const home = await desk.customer('May Thornton', 'From my own phone')
  await desk.give(work, desk.bianca)
  const bianca = await desk.sitting(desk.bianca)
  await opened(bianca, 'Mabel Thornton')
  await bianca.panel.getByRole('button', { name: 'Merge with…' }).click()
  const dialog = bianca.dialog('Merge contacts')
  await dialog.getByRole('searchbox').fill('May')
  await dialog.getByRole('button', { name: /May Thornton/ }).click()
  await dialog.getByRole('table').getByText('May Thornton').waitFor()
  await bianca.isSound('two contacts side by side')
  await dialog.getByRole('button', { name: 'Merge', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
  await bianca.panel.getByRole('button', { name: /From my own phone/ }).waitFor()
  await bianca.panel.getByText('Merged contacts').waitFor()
  await bianca.isSound('a merged contact')

  // What they write from the other number now shows under the one name.
  await desk.provider.writes(home, 'Me again')
  await until('the other conversation shows the one contact', async () => (await desk.api.ask('GET', `/conversations/${home.conversation.id}`)).customerName === 'Mabel Thornton')

  await bianca.panel.getByRole('button', { name: 'Undo: separate May Thornton again' }).click()
  await bianca.panel.getByText('Merged contacts').waitFor({ state: 'detached' })
  await until('the other is itself again', async () => (await desk.api.ask('GET', `/conversations/${home.conversation.id}`)).customerName === 'May Thornton')
})

test('who looks like somebody known is told of, and told apart at a press', async () => {
  const made = (name, email) => desk.api.ask('POST', '/contacts', { name, email })
  await made('Rufus Hale', 'rufus@example.com')
  const rufus = await desk.customer('R. Hale', 'Hello')
  const contact = rufus.conversation.contact.id
  await desk.api.ask('PATCH', `/contacts/${contact}`, { email: 'rufus+garage@example.com' })
  await until('it was noticed', async () => (await desk.api.ask('GET', '/contacts/suggestions')).items.length > 0)
  await desk.give(rufus, desk.bianca)
  const bianca = await desk.sitting(desk.bianca)
  await opened(bianca, 'R. Hale')
  await bianca.panel.getByText('The same mailbox').waitFor()
  await bianca.isSound('a suggestion')
  await bianca.panel.getByRole('button', { name: 'Compare' }).click()
  await bianca.dialog('Merge contacts').getByRole('button', { name: 'Cancel' }).click()
  await bianca.panel.getByRole('button', { name: 'Not the same' }).click()
  await bianca.panel.getByText('The same mailbox').waitFor({ state: 'detached' })
  assert.equal((await desk.api.ask('GET', '/contacts/suggestions')).items.length, 0)
})
