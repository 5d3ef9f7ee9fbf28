// Every kind of message, as the demo's tour shows it: what it is, what can be done with it, by day and by night.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Api, focused, inSight, moves, painted } from '../desk.mjs'
import { closeBrowser, Farol, person, picture, theme, until } from '../harness.mjs'

let farol
let owner
before(async () => {
  farol = await Farol.start('demo', '--quiet', '--messages', '300')
  const api = await Api.signIn(farol, farol.signIns[0])
  // The tests read English; the demo's firm speaks Portuguese.
  await api.ask('PATCH', '/tenant', { language: 'en' })
  owner = await person(farol)
  await owner.signIn(farol.signIns[0])
  Object.assign(owner, moves(owner.page))
})
after(async () => {
  await owner?.close()
  await closeBrowser()
  await farol?.stop()
})

/** Opens one of the tour's conversations among all of them. */
async function visit(name) {
  await owner.page.goto('/inbox/all')
  await owner.open(name)
  await owner.log.locator('[data-message]').last().waitFor()
}
/** The message with these words, in sight. */
async function seen(words) {
  const message = owner.bubble(words).last()
  await until(`“${words}” is loaded`, async () => (await message.count()) > 0)
  await message.scrollIntoViewIfNeeded()
  return message
}
const close = async () => {
  await owner.page.keyboard.press('Escape')
  await owner.page.locator('[role=dialog][data-open], [role=menu][data-open]').waitFor({ state: 'detached' })
}

test('a call on the road: places, pictures, films, sound and files', async () => {
  await visit('Juliana Prado')
  const map = owner.log.getByRole('link', { name: 'Open Posto Aurora on a map' }).first()
  await map.scrollIntoViewIfNeeded()
  assert.match(await map.getAttribute('href'), /^https:\/\/www\.openstreetmap\.org\/\?mlat=-23\./)
  await picture(owner.page, 'bubbles-place')

  const albums = () => owner.log.getByRole('article').evaluateAll((all) => all.map((one) => one.querySelectorAll('button img').length).filter((count) => count > 1))
  assert.deepEqual(await albums(), [3], 'pictures sent in one go stand together')

  const shown = owner.log.getByRole('button', { name: 'Open Este é o caminhão que vai até você' })
  await shown.scrollIntoViewIfNeeded()
  // Its room is kept before its bytes are there.
  const { width, height } = await shown.boundingBox()
  assert.ok(width > 150 && height > 90, `a picture of ${width} × ${height}`)
  await painted(shown.locator('img'))
  await picture(owner.page, 'bubbles-media')

  const play = owner.log.getByRole('button', { name: 'Play Voice message' }).last()
  await play.scrollIntoViewIfNeeded()
  const place = owner.log.getByRole('slider', { name: 'Position in Voice message' }).last()
  assert.match(await place.getAttribute('aria-valuetext'), /^0:00 of 0:0\d$/)
  const file = owner.log.getByRole('link', { name: /^Save Orçamento 4711\.pdf/ })
  assert.match(await file.getAttribute('href'), /\/media\?download=true$/)
  await owner.isSound('places, pictures, sound and files')
})

test('the viewer goes through the pictures, near and back, by keys alone', async () => {
  await visit('Juliana Prado')
  const shown = owner.log.getByRole('button', { name: 'Open Este é o caminhão que vai até você' })
  await shown.scrollIntoViewIfNeeded()
  await shown.press('Enter')
  const viewer = owner.page.getByRole('dialog')
  await viewer.getByText('You', { exact: true }).waitFor()
  await painted(viewer.locator('img').last())
  const place = () => viewer.getByText(/ · \d+ of \d+$/).innerText()
  const before = await place()
  const size = () => viewer.locator('img').last().evaluate((img) => img.getBoundingClientRect().width)
  const whole = await size()
  await inSight(viewer.locator('img').last())
  await owner.page.keyboard.press('+')
  await until('it is larger', async () => (await size()) > whole)
  await owner.isSound('the viewer')
  await picture(owner.page, 'bubbles-viewer')
  await owner.page.keyboard.press('0')
  await owner.page.keyboard.press('ArrowLeft')
  await until('the one before is shown', async () => (await place()) !== before)
  await close()
  await focused(shown)
})

test('what was changed, taken back, answered and passed on says so', async () => {
  await visit('Juliana Prado')
  const answer = await seen('Fechado! Aceita PIX ou cartão?')
  await answer.getByRole('button', { name: 'Edited' }).click()
  await owner.page.getByRole('dialog', { name: 'What it said before' }).waitFor()
  await owner.isSound('what it said before')
  await close()
  // A quote leads to what it quotes.
  await answer.getByRole('button', { name: /Recebido, Juliana/ }).click()
  await until('the quoted message is in sight', () => owner.bubble('Recebido, Juliana.').first().isVisible())
  await seen('Deleted by Juliana Prado')
  await (await seen('Motorista Nilo chega')).getByText('Forwarded').waitFor()
  const thanked = owner.log.getByRole('button', { name: /^Reactions: 🙏 Juliana Prado/ })
  await thanked.scrollIntoViewIfNeeded()
  await thanked.click()
  await owner.page.getByRole('dialog', { name: '1 reaction' }).getByText('Juliana Prado').waitFor()
  await owner.isSound('whose reactions they are')
  await close()
})

test('a file that is not here says why', async () => {
  await visit('Juliana Prado')
  const locked = await seen('boleto-em-aberto.exe')
  await locked.getByText('It is a program. Opening it could do harm.').waitFor()
  assert.equal(await locked.getByRole('link').count(), 0, 'nothing leads to what is locked away')
  const lost = await seen('Picture could not be fetched')
  await lost.getByRole('button', { name: 'Fetch again' }).waitFor()
  await picture(owner.page, 'bubbles-not-here')
  await owner.isSound('files that are not here')
})

test('a contract by buttons, lists, forms, cards, baskets and templates', async () => {
  await visit('Otto Ferraz')
  await seen('Que tipo de contrato?')
  await owner.log.getByRole('list', { name: 'Buttons sent along' }).getByText('Falar com alguém').waitFor()
  await owner.log.getByText('Chosen button', { exact: true }).first().waitFor()
  await owner.log.getByRole('list', { name: 'List sent along' }).getByText('Ver planos').waitFor()
  await owner.log.getByText('3 choices').click()
  const link = owner.log.getByRole('link', { name: 'Abrir contrato' })
  assert.match(await link.getAttribute('rel'), /noopener/)
  const card = await seen('Ferraz Transportes, Financeiro')
  assert.match(await card.getByRole('link', { name: /^\+55 00 900 500 021/ }).getAttribute('href'), /^tel:\+?\d+$/)
  await picture(owner.page, 'bubbles-asked')
  const basket = await seen('Order, 6 items')
  await basket.getByText('319.80').waitFor()
  await owner.bubble('o seu contrato 4711').filter({ has: owner.page.getByText('Template', { exact: true }) }).waitFor()
  await (await seen('Farol cannot display this kind yet.')).getByRole('button', { name: 'Show it as it came' }).click()
  await owner.dialog('Message details').waitFor()
  await close()
  await picture(owner.page, 'bubbles-contract')
  await owner.isSound('buttons, lists, cards and baskets')
})

test('a group shows its members, each in their own voice', async () => {
  await visit('Plantão Ferraz & Farol')
  await owner.thread.getByText('3 members').first().waitFor()
  await owner.row('Plantão Ferraz & Farol').getByRole('img', { name: 'Group' }).waitFor()
  await (await seen('Alguém perto?')).getByText('Bete Frota').waitFor()
  await (await seen('Quem cobre a noite?')).getByText('3 votes').waitFor()
  await owner.panel.getByRole('heading', { name: '3 members' }).waitFor()
  assert.equal(await owner.panel.getByRole('listitem').filter({ hasText: 'Bete Frota' }).count(), 1)
  const film = owner.log.getByRole('button', { name: /^Play/ }).first()
  await film.scrollIntoViewIfNeeded()
  await picture(owner.page, 'bubbles-group')
  await owner.isSound('a group')
})

test('keys walk over the messages and open what can be done with one', async () => {
  await visit('Juliana Prado')
  const { page, log } = owner
  await owner.message.focus()
  const last = log.locator('[role=article]').last()
  await last.focus()
  await page.keyboard.press('ArrowUp')
  await until('the one before has the focus', () => last.evaluate((article) => document.activeElement?.getAttribute('role') === 'article' && document.activeElement !== article))
  await page.keyboard.press('Enter')
  await page.getByRole('menu', { name: 'Message actions' }).waitFor()
  await owner.isSound('the menu of a message')
  await picture(page, 'bubbles-menu')
  await close()
  await until('the focus is in the thread', () => log.evaluate((element) => element.contains(document.activeElement)))
})

test('a message’s story names each step', async () => {
  await visit('Otto Ferraz')
  const failed = await seen('Às 15h fica bom?')
  await failed.hover()
  await failed.getByRole('button', { name: 'Message details' }).click()
  const details = owner.dialog('Message details')
  await details.getByText('What happened to it').waitFor()
  await details.getByText('Stored here').waitFor()
  await owner.isSound('the story of a message')
  await picture(owner.page, 'bubbles-story')
  await close()
})

/** Opens the menu of a message. */
async function menuOf(message) {
  await message.hover()
  await message.getByRole('button', { name: 'Message actions' }).click()
  const menu = owner.page.getByRole('menu', { name: 'Message actions' })
  await menu.waitFor()
  return menu
}
async function say(words) {
  await owner.message.fill(words)
  await owner.message.press('Enter')
  const message = owner.bubble(words).last()
  await message.getByRole('img', { name: /^(Sent|Delivered|Read)$/ }).waitFor()
  return message
}

test('a reaction is given by the menu, changed by the picker, and taken back', async () => {
  await visit('Juliana Prado')
  const message = await seen('O guincho chegou')
  await (await menuOf(message)).getByRole('menuitem', { name: 'React with ❤️' }).click()
  await message.getByRole('button', { name: 'Reactions: ❤️ You' }).waitFor()
  await message.hover()
  await message.getByRole('button', { name: 'React', exact: true }).click()
  const picker = owner.page.getByRole('dialog', { name: 'React' })
  await picker.waitFor()
  await owner.isSound('the picker of emoji')
  await picker.getByRole('button', { name: /^🎉/ }).click()
  await message.getByRole('button', { name: 'Reactions: 🎉 You' }).click()
  await owner.page.getByRole('dialog', { name: '1 reaction' }).getByRole('button', { name: 'Take back' }).click()
  await message.getByRole('button', { name: /^Reactions/ }).waitFor({ state: 'detached' })
})

test('each picture of an album has its own menu', async () => {
  await visit('Juliana Prado')
  const album = owner.log.getByRole('article').filter({ has: owner.page.getByRole('button', { name: 'Actions of picture 3' }) }).first()
  await album.scrollIntoViewIfNeeded()
  const pictures = album.locator('[data-of]')
  const [first, second, third] = await pictures.evaluateAll((all) => all.map((one) => one.dataset.of))
  await pictures.nth(1).hover()
  const menu = album.getByRole('button', { name: 'Actions of picture 2' })
  await until('its button is there', () => menu.evaluate((button) => getComputedStyle(button).opacity === '1'))
  await owner.isSound('an album')
  await menu.click()
  await owner.page.getByRole('menu', { name: 'Message actions' }).getByRole('menuitem', { name: 'React with 👍' }).click()
  // A picture with a reaction stands for itself; the others were not meant.
  const one = owner.log.locator(`[data-message="${second}"]`).filter({ has: owner.page.getByRole('button', { name: 'Reactions: 👍 You' }) })
  await one.waitFor()
  for (const other of [first, third]) assert.equal(await owner.log.locator(`[data-message="${other}"]`).getByRole('button', { name: /^Reactions/ }).count(), 0)
})

test('over a phone’s session a poll is built, asked and shown', async () => {
  await visit('Lívia Mota')
  await owner.thread.getByRole('button', { name: 'Attach' }).click()
  await owner.page.getByRole('menuitem', { name: 'Poll', exact: true }).click()
  const dialog = owner.dialog('Send a poll')
  await dialog.getByRole('textbox', { name: 'Question' }).fill('Que dia fica melhor?')
  await dialog.getByRole('textbox', { name: 'Answer 1' }).fill('Sexta')
  await dialog.getByRole('button', { name: 'Send', exact: true }).click()
  await dialog.locator('[aria-invalid=true]').waitFor()
  await dialog.getByRole('textbox', { name: 'Answer 2' }).fill('Sábado')
  await owner.isSound('a poll being built')
  await picture(owner.page, 'composer-poll')
  await dialog.getByRole('button', { name: 'Send', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
  const asked = owner.bubble('Que dia fica melhor?').last()
  await asked.getByText('Sábado').waitFor()
  await asked.getByRole('img', { name: /^(Sent|Delivered|Read)$/ }).waitFor()
})

test('a channel that can’t take a message back hides it here, and says who did', async () => {
  await visit('Juliana Prado')
  const message = await say('Isto era para outra pessoa.')
  const menu = await menuOf(message)
  assert.equal(await menu.getByRole('menuitem', { name: /^(Edit|Delete for everyone)/ }).count(), 0, 'what the channel can’t do is not offered')
  await menu.getByRole('menuitem', { name: 'Hide here…' }).click()
  await owner.page.getByRole('alertdialog', { name: 'Hide this message?' }).getByRole('button', { name: 'Hide' }).click()
  await owner.log.getByText('You hid this message').waitFor()
  await message.waitFor({ state: 'detached' })
  await owner.isSound('a hidden message')
})

test('over a phone’s session words are changed, and a message is deleted for everyone', async () => {
  await visit('Lívia Mota')
  const message = await say('Chegamos em 40 minutos.')
  await (await menuOf(message)).getByRole('menuitem', { name: 'Edit' }).click()
  const words = owner.page.getByRole('textbox', { name: 'New words of the message' })
  await words.fill('Chegamos em 20 minutos.')
  await words.press('Enter')
  const changed = owner.bubble('Chegamos em 20 minutos.').last()
  await changed.getByRole('button', { name: 'Edited' }).waitFor()
  await (await menuOf(changed)).getByRole('menuitem', { name: 'Delete for everyone…' }).click()
  await owner.page.getByRole('alertdialog').getByRole('button', { name: 'Delete for everyone' }).click()
  await owner.log.getByText('You deleted this message').waitFor()
})

test('a message is passed on to a conversation one looks for', async () => {
  await visit('Juliana Prado')
  await (await menuOf(await seen('Os dois.'))).getByRole('menuitem', { name: 'Forward…' }).click()
  const dialog = owner.dialog('Forward to')
  await dialog.getByLabel('Search for a conversation').fill('Otto')
  await dialog.getByRole('checkbox', { name: /Otto Ferraz/ }).click()
  await owner.isSound('to whom a message is passed on')
  await picture(owner.page, 'bubbles-forward')
  await dialog.getByRole('button', { name: 'Forward', exact: true }).click()
  await owner.toast('Forwarded').waitFor()
  await owner.open('Otto Ferraz')
  await owner.bubble('Os dois.').getByText('Forwarded').waitFor()
})

test('by night nothing is lost', async () => {
  await theme(owner.page, 'dark')
  for (const [name, words] of [['Juliana Prado', 'Posto Aurora'], ['Otto Ferraz', 'Order, 6 items'], ['Plantão Ferraz & Farol', 'Quem cobre a noite?']]) {
    await visit(name)
    await seen(words)
    await owner.isSound(`${name} by night`, { contrastOnly: true })
    await picture(owner.page, `bubbles-${name.split(' ')[0].toLowerCase()}-dark`)
  }
  await theme(owner.page, 'light')
})

test('on a phone a long touch opens the sheet, and all of it is as large as a thumb', async () => {
  const visitor = await person(farol, { width: 390, height: 844 })
  await visitor.signIn(farol.signIns[0])
  const { page } = visitor
  const { log } = moves(page)
  await page.goto('/inbox/all')
  await page.getByRole('link').filter({ hasText: 'Juliana Prado' }).first().click()
  const bubble = log.locator('[data-message]').filter({ hasText: 'Os dois.' }).last().getByRole('article')
  await bubble.scrollIntoViewIfNeeded()
  await picture(page, 'bubbles-phone')
  const wide = await log.evaluate((element) => element.scrollWidth - element.clientWidth)
  assert.ok(wide <= 0, `the thread is ${wide} px too wide`)
  await bubble.dispatchEvent('pointerdown', { pointerType: 'touch', isPrimary: true, button: 0, bubbles: true })
  const sheet = page.getByRole('dialog', { name: 'Message actions' })
  await sheet.waitFor()
  await bubble.dispatchEvent('pointerup', { pointerType: 'touch', isPrimary: true, bubbles: true })
  for (const button of await sheet.getByRole('button').all()) {
    const { height } = await button.boundingBox()
    assert.ok(height >= 44, `“${await button.innerText()}” is ${height} px high`)
  }
  await visitor.isSound('the sheet of a message')
  await picture(page, 'bubbles-phone-sheet')
  await sheet.getByRole('button', { name: 'Reply' }).click()
  await page.getByRole('textbox', { name: 'Message to the customer' }).waitFor()
  await theme(page, 'dark')
  await visitor.isSound('a thread on a phone by night', { contrastOnly: true })
  await picture(page, 'bubbles-phone-dark')
  await visitor.close()
})
