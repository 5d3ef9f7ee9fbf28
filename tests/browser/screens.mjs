// Every screen, with what opens over it, on a desk and on a phone, by day and by night: nothing sticks out, and
// everybody can read and reach it. With FAROL_SHOTS=FOLDER each is photographed as well.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import { Desk } from './desk.mjs'
import { Waha } from './waha.mjs'
import { person, picture, SIZES, theme, until } from './harness.mjs'

let desk
let waha
/** What the screens show: a conversation with everything in it, a letter, an invitation, a role. */
const seen = {}
before(async () => {
  desk = await Desk.open({ messages: 2500 })
  const { api, provider } = desk
  const customer = await desk.customer('Clara Whitfield', 'Good morning! The car has stopped on the ring road, exit 14. It makes a noise like a coffee mill.')
  seen.customer = customer
  await desk.give(customer, desk.owner)
  const say = async (content, more) => api.ask('POST', '/messages/send', { conversationId: customer.conversation.id, content, clientId: crypto.randomUUID(), ...more })
  await say('Good morning Clara, a truck is on its way. Are you in a safe place?')
  await provider.reports(await provider.got('Good morning Clara, a truck is on its way. Are you in a safe place?'), 'read')
  await provider.says(customer, { type: 'location', location: { latitude: -23.55, longitude: -46.63 } })
  await provider.says(customer, { type: 'unsupported', errors: [{ code: 131051, title: 'Message type unknown' }] })
  await provider.writes(customer, 'Yes, behind the barrier.\nhttps://maps.example.com/where-i-am')
  await say('Regular customer: invoice to the company.', { isPrivate: true })
  provider.refuses(131026)
  await say('The driver is Rui, he will be there in twenty minutes.')
  const closed = provider.person('Yesterday Jones')
  await provider.writes(closed, 'Call me tomorrow', { at: Date.now() - 30 * 3_600_000 })
  seen.closed = await desk.conversationOf(closed)
  const done = await desk.customer('Resolved Robinson', 'Thank you, all is well')
  await api.ask('POST', `/conversations/${done.conversation.id}/resolve`, {})
  seen.done = done.conversation
  await provider.change(desk.number, { messages: [{ id: 'wamid.unreadable', type: 'text', text: { body: 'nobody knows from whom' } }] })
  await provider.posts(desk.number, [{ field: 'phone_number_quality_update', value: { event: 'FLAGGED', display_phone_number: desk.number.displayNumber, current_limit: 'TIER_10K' } }])
  waha = await Waha.start()
  const phone = async (name, session) => {
    const { id } = await api.ask('POST', '/channels', { kind: 'waha', name, config: { baseUrl: waha.baseUrl, apiKey: waha.apiKey, session } })
    await api.ask('POST', `/channels/${id}/actions/start`)
    return id
  }
  ;[seen.paired, seen.unpaired] = [await phone('Workshop phone', 'workshop'), await phone('Night phone', 'night')]
  await waha.scans('workshop', '447700900555', 'Oficina de noite')
  provider.template(desk.number, {
    name: 'truck_on_its_way',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'Job {{1}}', example: { header_text: ['4711'] } },
      { type: 'BODY', text: 'Hello {{1}}, truck *{{2}}* is with you in about {{3}} minutes.', example: { body_text: [['Clara', 'Rui', '20']] } },
      { type: 'FOOTER', text: 'Farol' },
      { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'I am safe' }, { type: 'URL', text: 'Track it', url: 'https://farol.example.com/t/{{1}}', example: ['https://farol.example.com/t/4711'] }] },
    ],
  })
  provider.template(desk.number, { name: 'winter_offer', language: 'fr', category: 'MARKETING', status: 'PAUSED', quality: 'RED', components: [{ type: 'BODY', text: 'Batteries à moitié prix.' }] })
  await api.ask('POST', `/channels/${desk.channel.id}/templates/sync`)
  seen.template = (await api.ask('GET', '/templates?q=truck')).items[0].id
  seen.invitation = (await api.ask('POST', '/invitations', { email: 'new@example.com', name: 'Nova Sterling', role: 'AGENT' })).url
  await api.ask('POST', '/roles', { name: 'Night desk', base: 'AGENT', permissions: { 'deadletter.manage': 'tenant' } })
  seen.letter = (await api.ask('GET', '/deadletters?kind=inbound')).items[0].id
})
after(async () => {
  await desk?.close()
  await waha?.stop()
})

const open = (path) => ({ page }) => page.goto(path)
const press = (name, role = 'button') => ({ page }) => page.getByRole(role, { name }).first().click()
const settings = (path, heading, ...more) => [async ({ page }) => {
  await page.goto(`/settings/${path}`)
  await page.getByRole('heading', { name: heading }).last().waitFor()
}, ...more]
const dialog = (name) => ({ page }) => page.getByRole('dialog', { name }).waitFor()
const question = ({ page }) => page.getByRole('alertdialog').waitFor()
const menu = ({ page }) => page.getByRole('menu').waitFor()
const thread = (which) => async (visitor) => {
  await visitor.page.goto(`/inbox/all/${which().id}`)
  await visitor.log.locator('[data-message]').first().waitFor()
}
const key = (...keys) => async ({ page }) => { for (const one of keys) await page.keyboard.press(one) }
const clara = thread(() => seen.customer.conversation)
/** Beside the thread the customer's panel comes a moment after it; on a phone it is asked for. */
const panelOf = async (visitor) => {
  if (visitor.page.viewportSize().width < 1000) await visitor.thread.getByRole('button', { name: /Clara Whitfield/ }).click()
  await visitor.panel.waitFor()
}
const fromMenu = (item) => async ({ page, thread: pane }) => {
  await pane.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: item }).click()
}
/** Opens what can be sent beside words: from a menu at a desk, from below on a phone. */
const attach = (item, title) => async ({ page, thread: pane }) => {
  await pane.getByRole('button', { name: 'Attach' }).locator('visible=true').click()
  await page.getByRole('menuitem', { name: item, exact: true }).or(page.getByRole('dialog', { name: 'Attach' }).getByRole('button', { name: item, exact: true })).click()
  await page.getByRole('dialog', { name: title }).waitFor()
}
/** The list there, whatever is in it. */
const list = (tab) => async (visitor) => {
  await visitor.page.goto(`/inbox/${tab}`)
  await visitor.list.getByRole('list').getByRole('link').first().waitFor()
}

/** Name → how to get there; what comes first in a row is walked first. */
const SCREENS = {
  'inbox-mine': [list('mine')],
  'inbox-unassigned': [list('unassigned')],
  'inbox-all': [list('all')],
  'inbox-resolved': [list('resolved')],
  'inbox-filter': [list('all'), press('Filter'), menu],
  'inbox-filtered-empty': [async ({ page }) => {
    const { items } = await desk.api.ask('GET', '/queues')
    await page.goto(`/inbox/mine?queue=${items.find((queue) => queue.name === 'Auto socorro').id}`)
    await page.getByText('Nothing fits this filter').waitFor()
  }],
  thread: [clara],
  'thread-note': [clara, async ({ thread: pane, note }) => {
    await pane.getByRole('button', { name: 'Note', exact: true }).click()
    await note.fill('Bring the long cable.')
  }],
  'composer-attach': [clara, async ({ page, thread: pane }) => {
    await pane.getByRole('button', { name: 'Attach' }).locator('visible=true').click()
    await page.getByText(/This channel does not carry/).waitFor()
  }],
  'composer-files': [clara, async ({ thread: pane }) => {
    const file = (name, mimeType, size) => ({ name, mimeType, buffer: Buffer.alloc(size, 1) })
    await pane.locator('input[type=file]:not([accept])').first().setInputFiles([file('A quote with quite a long name, as offices give them.pdf', 'application/pdf', 230_000), file('Long.mp3', 'audio/mpeg', 17 << 20)])
    await pane.getByText(/Too large/).waitFor()
  }],
  'composer-location': [clara, attach('Location', 'Send a location')],
  'composer-card': [clara, attach('Contact card', 'Send a contact card')],
  'composer-buttons': [clara, attach('Reply buttons', 'Message with reply buttons')],
  'composer-list': [clara, attach('List', 'Message with a list')],
  'composer-template': [clara, attach('Template', 'Send a template')],
  'composer-later': [clara, async ({ page, thread: pane, message }) => {
    await message.fill('Are you still there?')
    await pane.getByRole('button', { name: 'Send later' }).locator('visible=true').click()
    await page.getByRole('dialog', { name: 'Send later' }).waitFor()
  }],
  'composer-emoji': [clara, async ({ page, thread: pane, message }) => {
    await message.click()
    await pane.getByRole('button', { name: 'Emoji', exact: true }).click()
    await page.getByRole('dialog', { name: 'Emoji' }).getByRole('searchbox').waitFor()
  }],
  'thread-more': [clara, press('More actions'), menu],
  'thread-assign': [clara, fromMenu('Assign to…'), dialog('Assign to…')],
  'thread-transfer': [clara, fromMenu('Transfer to a queue…'), dialog('Transfer to a queue…')],
  'thread-details': [clara, async ({ bubble }) => bubble('Farol cannot display this kind yet.').getByRole('button', { name: 'Show it as it came' }).click(), dialog('Message details')],
  'thread-window-closed': [thread(() => seen.closed)],
  'thread-resolved': [thread(() => seen.done)],
  'thread-gone': [open('/inbox/all/00000000-0000-7000-8000-000000000000'), ({ page }) => page.getByText('Not here, or not for you').waitFor()],
  panel: [clara, async (visitor) => {
    await panelOf(visitor)
    await visitor.panel.getByText('Addresses').waitFor()
  }],
  'contact-merge': [clara, async (visitor) => {
    await panelOf(visitor)
    await visitor.panel.getByRole('button', { name: 'Merge with…' }).click()
  }, dialog('Merge contacts'), async ({ page }) => {
    await page.getByRole('searchbox', { name: 'Find the other contact' }).fill('Resolved')
    await page.getByRole('button', { name: /Resolved Robinson/ }).click()
    await page.getByRole('dialog').getByRole('table').waitFor()
  }],
  'panel-priority': [clara, async (visitor) => {
    await panelOf(visitor)
    await visitor.panel.getByRole('combobox', { name: /Priority/ }).click()
    await visitor.page.getByRole('option', { name: 'Urgent' }).waitFor()
  }],
  palette: [clara, key('Control+k'), dialog('Command palette')],
  help: [clara, key('Shift+?'), dialog('Keyboard shortcuts')],
  'person-menu': [list('mine'), press(/Marina Prado/), menu],
  preferences: [list('mine'), press(/Marina Prado/), press('Preferences', 'menuitem'), dialog('Preferences')],
  search: [open('/search'), ({ page }) => page.getByText('Search everything').waitFor()],
  'search-results': [open('/search?q=ring%20road'), ({ page }) => page.getByRole('listitem').filter({ hasText: 'Clara Whitfield' }).first().waitFor()],
  'search-nothing': [open('/search?q=xyzzyxyzzy'), ({ page }) => page.getByText(/Nothing found for/).waitFor()],
  'settings-preferences': settings('preferences', 'Preferences'),
  'settings-account': settings('account', 'Account', ({ page }) => page.getByText('This device').waitFor()),
  'settings-firm': settings('firm', 'Company', ({ page }) => page.getByText('http.publicUrl').waitFor()),
  'settings-firms': settings('firms', 'Companies', ({ page }) => page.getByText('You are here').waitFor()),
  'settings-firms-create': settings('firms', 'Companies', press('Add a company'), dialog('Add a company'), async ({ page }) => {
    await page.getByRole('dialog').getByRole('button', { name: 'Add a company' }).click()
    await page.locator('[aria-invalid=true]').first().waitFor()
  }),
  'settings-people': settings('people', 'People', ({ page }) => page.getByText('Bianca Teles').waitFor()),
  'settings-people-actions': settings('people', 'People', press('Actions for Bianca Teles'), menu),
  'settings-people-create': settings('people', 'People', press('Add a colleague'), dialog('Add a colleague'), async ({ page }) => {
    await page.getByRole('dialog').getByRole('button', { name: 'Add a colleague' }).click()
    await page.locator('[aria-invalid=true]').first().waitFor()
  }),
  'settings-people-edit': settings('people', 'People', press('Actions for Bianca Teles'), press('Edit', 'menuitem'), dialog('Edit Bianca Teles')),
  'settings-people-invite': settings('people', 'People', press('Invite'), dialog('Invite')),
  'settings-people-deactivate': settings('people', 'People', press('Actions for Bianca Teles'), press('Deactivate', 'menuitem'), question),
  'settings-roles': settings('roles', 'Roles', ({ page }) => page.getByText('Night desk').click(), ({ page }) => page.getByRole('button', { name: 'Edit' }).waitFor()),
  'settings-roles-create': settings('roles', 'Roles', press('New role'), dialog('New role')),
  'settings-queues': settings('queues', 'Queues', ({ page }) => page.getByText('Financeiro').waitFor()),
  'settings-queues-create': settings('queues', 'Queues', press('New queue'), dialog('New queue')),
  'settings-channels': settings('channels', 'Channels', ({ page }) => page.getByText('Oficina').first().waitFor()),
  'settings-channels-new': settings('channels/new', 'Connect a WhatsApp number'),
  'settings-channels-new-phone': settings('channels/new', 'Connect a WhatsApp number', press('Phone by QR code', 'radio'), ({ page }) => page.getByLabel('Address of the WAHA server').waitFor()),
  'settings-channel': [async ({ page }) => {
    await page.goto(`/settings/channels/${desk.channel.id}`)
    await page.getByRole('heading', { name: 'Does it work?' }).waitFor()
    await page.getByRole('button', { name: 'Check the connection' }).click()
    await page.getByText('Access token works').waitFor()
  }],
  'settings-channel-settings': [({ page }) => page.goto(`/settings/channels/${desk.channel.id}?show=settings`), ({ page }) => page.getByLabel('Attempts in all').waitFor()],
  'settings-channel-figures': [({ page }) => page.goto(`/settings/channels/${desk.channel.id}?show=figures`), ({ page }) => page.getByRole('img', { name: /^Messages of 30 days/ }).waitFor()],
  'settings-channel-notices': [({ page }) => page.goto(`/settings/channels/${desk.channel.id}?show=notices`), ({ page }) => page.getByText('FLAGGED', { exact: true }).waitFor()],
  'settings-channel-paired': [({ page }) => page.goto(`/settings/channels/${seen.paired}`), ({ page }) => page.getByText('Oficina de noite').last().waitFor()],
  'settings-channel-paired-settings': [({ page }) => page.goto(`/settings/channels/${seen.paired}?show=settings`), ({ page }) => page.getByLabel('Longest pause', { exact: true }).waitFor()],
  'settings-channel-code': [({ page }) => page.goto(`/settings/channels/${seen.unpaired}`), ({ page }) => page.getByRole('img', { name: 'QR code to scan with WhatsApp' }).waitFor()],
  'settings-channel-log-out': [({ page }) => page.goto(`/settings/channels/${seen.paired}`), press('Log out'), question],
  'settings-templates': settings('templates', 'Message templates', ({ page }) => page.getByRole('link').filter({ hasText: 'truck_on_its_way' }).waitFor()),
  'settings-template': [({ page }) => page.goto(`/settings/templates/${seen.template}`), ({ page }) => page.getByText('Hello Clara').waitFor()],
  'settings-template-edit': [({ page }) => page.goto(`/settings/templates/${seen.template}/edit`), ({ page }) => page.getByRole('button', { name: 'Hand in' }).waitFor()],
  'settings-template-new': settings('templates/new', 'New message template'),
  'settings-template-delete': [({ page }) => page.goto(`/settings/templates/${seen.template}`), press('Delete template'), question],
  'settings-dead-letters': settings('dead-letters', 'Dead letters', ({ page }) => page.getByRole('table').getByRole('link').first().waitFor()),
  'settings-dead-letter': [({ page }) => page.goto(`/settings/dead-letters/${seen.letter}`), ({ page }) => page.getByText('nobody knows from whom').waitFor()],
  'settings-dead-letter-discard': [({ page }) => page.goto(`/settings/dead-letters/${seen.letter}`), press('Discard'), question],
  'settings-jobs': settings('jobs', 'Background work'),
  'settings-deliveries': settings('jobs?show=deliveries', 'Background work'),
  'settings-timers': settings('jobs?show=timers', 'Background work'),
  'settings-system': settings('system', 'System', ({ page }) => page.getByText('This box', { exact: true }).waitFor()),
  welcome: [open('/welcome'), ({ page }) => page.getByRole('heading', { name: 'Welcome, Marina' }).waitFor()],
  'welcome-team': [open('/welcome'), press('Invite your colleagues'), ({ page }) => page.getByRole('button', { name: 'Go to the inbox' }).waitFor()],
  'not-found': [open('/nowhere'), ({ page }) => page.getByText('Nothing here').waitFor()],
  unauthorized: [open('/unauthorized'), ({ page }) => page.getByText('You can’t open this page').waitFor()],
}
/** Only where the list of settings is a screen of its own. */
const PHONE_SCREENS = { 'settings-list': [open('/settings'), ({ page }) => page.getByRole('link', { name: 'People' }).waitFor()] }

/** What strangers see. */
const DOORS = {
  'sign-in': [open('/login'), ({ page }) => page.getByRole('button', { name: 'Sign in' }).waitFor()],
  'sign-in-refused': [open('/login'), async ({ page }) => {
    await page.getByLabel('E-mail').fill('nobody@example.com')
    await page.getByLabel('Password').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
  }],
  invitation: [({ page }) => page.goto(seen.invitation), ({ page }) => page.getByRole('heading', { name: /^Join / }).waitFor()],
  'invitation-gone': [open('/invitations/spent-long-ago'), ({ page }) => page.getByRole('heading', { name: /no longer valid/ }).waitFor()],
}

/**
 * Controls that a thumb would miss: less than 44 CSS pixels high, what `touch` adds around them counted. Links within
 * words are as high as their line.
 */
const smallTargets = (page) => page.evaluate(() => {
  const small = []
  for (const control of document.querySelectorAll('a[href], button, input, select, textarea, summary, [role=menuitem], [role=menuitemradio], [role=option], [role=switch], [role=checkbox], [role=radio]')) {
    if (!control.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || control.matches(':disabled, [tabindex="-1"], .sr-only, [data-base-ui-focus-guard]')) continue
    if (control.closest('[inert], [aria-hidden=true]') || getComputedStyle(control).display === 'inline') continue
    const { height, width } = control.getBoundingClientRect()
    if (width < 2 || height < 2) continue
    const around = getComputedStyle(control, '::after')
    const more = around.content !== 'none' && around.position === 'absolute' ? Math.max(0, -parseFloat(around.top)) + Math.max(0, -parseFloat(around.bottom)) : 0
    if (height + more < 43.5) small.push(`${control.tagName.toLowerCase()} “${(control.getAttribute('aria-label') ?? control.textContent ?? '').trim().slice(0, 40)}” ${Math.round(height + more)}px`)
  }
  return [...new Set(small)]
})

async function inspect(visitor, name, size) {
  for (const scheme of ['light', 'dark']) {
    await theme(visitor.page, scheme)
    // A hint that is finding its place may stick out for a moment; a screen must not.
    await until(`${name} is no wider than the ${size}`, () => visitor.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 3_000)
    if (size === 'phone' && scheme === 'light') assert.deepEqual(await smallTargets(visitor.page), [], `${name}: a thumb hits it`)
    await picture(visitor.page, `${name}-${size}-${scheme}`)
    await visitor.isSound(`${name}, ${size}, ${scheme}`, { contrastOnly: scheme === 'dark' })
  }
  await theme(visitor.page, 'light')
}

/** Walks through all of them on one size of screen. */
export function walk(size) {
  const viewport = SIZES[size]
  let owner
  const screens = { ...SCREENS, ...(size === 'phone' ? PHONE_SCREENS : {}) }
  for (const [name, steps] of Object.entries(screens)) {
    test(`${name}, ${size}`, async () => {
      owner ??= await desk.at(desk.owner, viewport)
      for (const step of steps) await step(owner)
      await inspect(owner, name, size)
    })
  }
  test(`the owner leaves the ${size} content`, async () => { await owner.close() })

  for (const [name, steps] of Object.entries(DOORS)) {
    test(`${name}, ${size}`, async () => {
      const stranger = await person(desk.farol, viewport)
      for (const step of steps) await step(stranger)
      await inspect(stranger, name, size)
      await stranger.close()
    })
  }
}
