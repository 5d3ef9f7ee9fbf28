// Two people at the desk at once, each in a browser of their own: what one does, the other sees without asking.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Desk } from '../desk.mjs'
import { until } from '../harness.mjs'

let desk
before(async () => { desk = await Desk.open() })
after(async () => { await desk?.close() })

/** Both with the same conversation open. */
async function bothAt(name, ...words) {
  const customer = await desk.customer(name, ...words)
  const [bianca, caio] = [await desk.sitting(desk.bianca), await desk.sitting(desk.caio)]
  for (const agent of [bianca, caio]) {
    await agent.tab('Unassigned')
    await agent.open(name)
  }
  return { customer, bianca, caio }
}

test('of two who take it at once one has it, and the other sees who', async () => {
  const { customer, bianca, caio } = await bothAt('Octavia Reed', 'Who comes first?')
  const take = (agent) => agent.thread.getByRole('button', { name: 'Take', exact: true }).click()
  // Caio presses while the conversation is still free on his screen; Bianca's press arrives before his.
  let release
  const held = new Promise((resolve) => { release = resolve })
  await caio.page.route('**/assign', async (route) => {
    await held
    await route.continue()
  })
  await take(caio)
  await take(bianca)
  await bianca.thread.getByText('Assigned to you').waitFor()
  const { assignedTo } = await until('she has it', async () => {
    const now = await desk.conversationOf(customer)
    return now.assignedTo && now
  })
  release()
  // Whoever was a moment late is told who has it, and takes nothing away by it.
  await caio.page.getByText(/Somebody else has just taken|Taken a moment before you, by: Bianca Teles/).first().waitFor()
  await caio.page.unroute('**/assign')
  const question = caio.page.getByRole('alertdialog')
  if (await question.count()) {
    await caio.isSound('the question of who was late')
    await question.getByRole('button', { name: 'Cancel' }).click()
  }
  await caio.thread.getByText('Bianca Teles').waitFor()
  await caio.row('Octavia Reed').waitFor({ state: 'detached' })
  assert.equal((await desk.conversationOf(customer)).assignedTo, assignedTo)
})

test("an answer of one stands in the other's thread, in order and once", async () => {
  const { customer, bianca, caio } = await bothAt('Magnus Holt', 'Anybody there?')
  await bianca.message.fill('Bianca here.')
  await bianca.message.press('Enter')
  await caio.bubble('Bianca here.').getByText('Bianca Teles').waitFor()
  await caio.bubble('Bianca here.').getByRole('img', { name: 'Delivered' }).waitFor()
  await caio.message.fill('And Caio.')
  await caio.message.press('Enter')
  await bianca.bubble('And Caio.').getByText('Caio Sampaio').waitFor()
  // The provider tells whole seconds.
  await desk.provider.writes(customer, 'Thank you both', { at: Date.now() + 1_000 })
  for (const agent of [bianca, caio]) {
    await agent.bubble('Thank you both').waitFor()
    const words = (await agent.log.locator('[data-message]').allInnerTexts()).join('\n')
    assert.match(words, /Anybody there\?[^]*Bianca here\.[^]*And Caio\.[^]*Thank you both/)
    assert.equal(await agent.log.locator('[data-message]').count(), 4)
  }
  // A note as well, which no customer sees.
  await caio.thread.getByRole('button', { name: 'Note', exact: true }).click()
  await caio.note.fill('She is a regular.')
  await caio.thread.getByRole('button', { name: 'Add note' }).click()
  await bianca.bubble('She is a regular.').getByText('Note by Caio Sampaio').waitFor()
})

test("resolved by one, it moves in the other's lists", async () => {
  const { bianca, caio } = await bothAt('Philippa Stone', 'All is well')
  await bianca.thread.getByRole('button', { name: 'Take', exact: true }).click()
  await caio.row('Philippa Stone').waitFor({ state: 'detached' })
  await caio.thread.getByText('Bianca Teles').first().waitFor()
  await caio.tab('All')
  await caio.row('Philippa Stone').getByText('Bianca').waitFor()
  await caio.open('Philippa Stone')
  await bianca.thread.getByRole('button', { name: 'Resolve', exact: true }).click()
  await caio.row('Philippa Stone').waitFor({ state: 'detached' })
  await caio.thread.getByText('This conversation is resolved.').waitFor()
  await caio.tab('Resolved')
  await caio.row('Philippa Stone').waitFor()
  await bianca.tab('Resolved')
  await bianca.row('Philippa Stone').waitFor()
  await caio.open('Philippa Stone')
  await caio.thread.getByRole('button', { name: 'Reopen' }).first().click()
  await bianca.row('Philippa Stone').waitFor({ state: 'detached' })
})

test("given to a colleague, it stands in that colleague's list with its unread mark", async () => {
  const { customer, bianca, caio } = await bothAt('Rupert Lane', 'Please help')
  await caio.page.goto('/inbox/mine')
  await caio.list.getByRole('heading', { name: 'Inbox' }).waitFor()
  assert.equal(await caio.row('Rupert Lane').count(), 0)
  await bianca.thread.getByRole('button', { name: 'Assign to…' }).click()
  await bianca.dialog('Assign to…').getByRole('combobox').fill('Caio')
  await bianca.page.keyboard.press('Enter')
  await caio.row('Rupert Lane').waitFor()
  // Read by nobody who answers for it: she only looks on now.
  await bianca.thread.getByText('Caio Sampaio').waitFor()
  await desk.provider.writes(customer, 'Are you there?')
  await caio.row('Rupert Lane').getByLabel(/unread/).waitFor()
  await caio.open('Rupert Lane')
  await caio.row('Rupert Lane').getByLabel(/unread/).waitFor({ state: 'detached' })
})

test('a deactivated colleague is out at once, whatever they have open', async () => {
  const gone = { email: 'gone@example.com', password: 'soon to be gone for good' }
  const user = await desk.api.ask('POST', '/users', { name: 'Gerald Gone', role: 'AGENT', queueIds: [], ...gone })
  const gerald = await desk.at(gone)
  const phone = await desk.at(gone, { width: 390, height: 844 })
  const owner = await desk.sitting(desk.owner)
  await owner.page.goto('/settings/people')
  await owner.page.getByRole('button', { name: 'Actions for Gerald Gone' }).click()
  await owner.page.getByRole('menuitem', { name: 'Deactivate' }).click()
  const question = owner.page.getByRole('alertdialog', { name: 'Deactivate Gerald Gone?' })
  await question.waitFor()
  await owner.isSound('the question before a deactivation')
  await question.getByRole('button', { name: 'Deactivate' }).click()
  await owner.page.getByRole('row', { name: /Gerald Gone/ }).getByText('Deactivated').waitFor()
  for (const screen of [gerald, phone]) {
    await screen.page.waitForURL('**/login**')
    await screen.page.getByText('Your session has ended.').waitFor()
    await screen.isSound('a session that was ended')
  }
  // Nor in again, in the words that an unknown person gets.
  await gerald.page.getByLabel('E-mail').fill(gone.email)
  await gerald.page.getByLabel('Password').fill(gone.password)
  await gerald.page.getByRole('button', { name: 'Sign in' }).click()
  await gerald.page.getByRole('alert').getByText('E-mail or password is not right.').waitFor()
  await desk.api.ask('PATCH', `/users/${user.id}`, { isActive: true })
  await gerald.page.getByRole('button', { name: 'Sign in' }).click()
  await gerald.page.getByRole('main').waitFor()
  await gerald.close()
  await phone.close()
})

test('whoever signs out is out in all their tabs, and another person starts clean', async () => {
  const caio = await desk.at(desk.caio)
  await caio.tab('Unassigned')
  await caio.list.getByRole('list').getByRole('link').first().click()
  await caio.message.fill('a secret half-sentence')
  const tab = await caio.context.newPage()
  await tab.goto('/inbox/mine')
  await tab.getByRole('button', { name: /Caio Sampaio/ }).click()
  await tab.getByRole('menuitem', { name: 'Sign out' }).click()
  await tab.waitForURL('**/login**')
  await caio.page.waitForURL('**/login**')
  // On purpose: nobody is led back to where he was.
  for (const page of [tab, caio.page]) assert.equal(new URL(page.url()).search, '')
  assert.doesNotMatch(await caio.page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }])), /secret half-sentence/)
  // The next person on this machine is themselves.
  await caio.page.getByLabel('E-mail').fill(desk.owner.email)
  await caio.page.getByLabel('Password').fill(desk.owner.password)
  await caio.page.getByRole('button', { name: 'Sign in' }).click()
  await caio.page.getByRole('button', { name: /Marina Prado/ }).waitFor()
  assert.equal(await caio.page.getByRole('button', { name: /Caio Sampaio: / }).count(), 0)
  await caio.close()
})

test('a device is signed out from another one', async () => {
  const here = await desk.at(desk.debora)
  const there = await desk.at(desk.debora, { width: 390, height: 844 })
  await here.page.goto('/settings/account')
  const devices = here.page.getByRole('button', { name: 'Sign out', exact: true })
  await devices.first().waitFor()
  await here.isSound('the list of devices')
  await until('all others are signed out', async () => {
    const left = await devices.count()
    // The list may be read anew under the hand that presses.
    if (left > 0) await devices.first().click({ timeout: 1_000 }).catch(() => undefined)
    return left === 0
  })
  await there.page.waitForURL('**/login**')
  await here.page.reload()
  await here.page.getByRole('heading', { name: 'Account' }).waitFor()
  await there.close()
  await here.close()
})

test('the line breaks and comes back: it says so, and nothing is missing or doubled', async () => {
  const { customer, bianca, caio } = await bothAt('Theodora Flint', 'Before')
  await bianca.thread.getByRole('button', { name: 'Take', exact: true }).click()
  await bianca.thread.getByText('Assigned to you').waitFor()
  await bianca.context.setOffline(true)
  await bianca.page.getByText(/^No network\./).waitFor()
  await bianca.isSound('without a network')
  // Written while away, on both sides.
  await bianca.message.fill('Written in a tunnel')
  await bianca.message.press('Enter')
  const tunnel = bianca.bubble('Written in a tunnel')
  await tunnel.getByText('It goes out as soon as you are back.').waitFor()
  await desk.provider.writes(customer, 'During one')
  await desk.provider.writes(customer, 'During two')
  await caio.bubble('During two').waitFor()
  const newcomer = await desk.customer('Isolde Brand', 'New while you were away')
  await bianca.context.setOffline(false)
  await bianca.bubble('During two').waitFor()
  await tunnel.getByRole('img', { name: 'Delivered' }).waitFor()
  await bianca.page.getByText(/^No network\./).waitFor({ state: 'detached' })
  await bianca.page.getByRole('status', { name: 'Live' }).waitFor()
  for (const words of ['Before', 'During one', 'During two', 'Written in a tunnel']) {
    assert.equal(await bianca.bubble(words).count(), 1, words)
    await caio.bubble(words).waitFor()
    assert.equal(await caio.bubble(words).count(), 1, words)
  }
  assert.equal(desk.provider.sent.filter((message) => message.text === 'Written in a tunnel').length, 1)
  await bianca.tab('Unassigned')
  await bianca.row('Isolde Brand').waitFor()
  assert.equal((await desk.conversationOf(newcomer)).assignedTo, null)
})

test('a message written off-line goes out after a reload too', async () => {
  const { bianca } = await bothAt('Evander Cole', 'One more')
  await bianca.context.setOffline(true)
  await bianca.message.fill('Kept through a reload')
  await bianca.message.press('Enter')
  await bianca.bubble('Kept through a reload').waitFor()
  await bianca.context.setOffline(false)
  await bianca.page.reload()
  await bianca.bubble('Kept through a reload').getByRole('img', { name: 'Delivered' }).waitFor()
  assert.equal(await bianca.bubble('Kept through a reload').count(), 1)
  assert.equal(desk.provider.sent.filter((message) => message.text === 'Kept through a reload').length, 1)
})
