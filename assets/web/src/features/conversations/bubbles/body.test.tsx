import { I18nProvider } from '@lingui/react'
import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { activate, i18n } from '@/app/i18n'
import { Body } from './Body'
import type { Media, Shown } from './contract'
import { PlaceProvider, type Place } from './place'
// What comes late on the desk is there at once here.
import './Rare'

let box: HTMLElement
let show: (message: Partial<Shown>) => Promise<void>
let close: () => void
beforeEach(async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  await activate('en')
  box = document.createElement('div')
  const root = createRoot(box)
  const place = { conversationId: 'c', canWrite: true } as Place
  show = (message) =>
    act(async () => {
      const body = createElement(Body, { message: { id: 'm', conversationId: 'c', ...message } as Shown, marked: '', foot: null, footOver: null })
      root.render(createElement(I18nProvider, { i18n }, createElement(PlaceProvider, { value: place }, body)))
    })
  close = () => act(() => root.unmount())
})
afterEach(() => {
  close()
  vi.unstubAllGlobals()
})

const file = (mime: string, fileName: string): Media => ({ state: 'READY', url: `/media/${fileName}`, mime, fileName, bytes: 2048 }) as Media
const interactive = { kind: 'BUTTONS', buttons: [{ id: 'yes', title: 'Count me in' }] } as unknown as Shown['interactive']

test.each([
  ['INTERACTIVE', file('image/jpeg', 'a.jpg'), 'img[src="/media/a.jpg"]'],
  ['INTERACTIVE', file('video/mp4', 'a.mp4'), 'video'],
  ['INTERACTIVE', file('application/pdf', 'a.pdf'), 'a[download="a.pdf"]'],
  ['TEMPLATE', file('image/png', 'head.png'), 'img[src="/media/head.png"]'],
  ['TEMPLATE', file('application/pdf', 'terms.pdf'), 'a[download="terms.pdf"]'],
  ['IMAGE', file('image/png', 'b.png'), 'img[src="/media/b.png"]'],
  ['DOCUMENT', file('image/png', 'scan.png'), 'a[download="scan.png"]'],
] as const)('%s with buttons shows its file above them', async (type, media, selector) => {
  await show({ type, content: 'Will you come?', media, interactive })
  await vi.waitFor(() => expect(box.textContent).toContain('Count me in'))
  expect(box.textContent).toContain('Will you come?')
  const shown = box.querySelector(selector)
  expect(shown).not.toBeNull()
  expect(shown!.compareDocumentPosition(box.querySelector('[role=listitem]')!) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy()
})

test('buttons without a file, and a template’s file without buttons, stand as before', async () => {
  await show({ type: 'INTERACTIVE', content: 'Will you come?', interactive })
  await vi.waitFor(() => expect(box.textContent).toContain('Count me in'))
  expect(box.querySelector('img, video, a')).toBeNull()
  await show({ type: 'TEMPLATE', content: 'Your terms', media: file('application/pdf', 'terms.pdf'), interactive: null })
  expect(box.querySelector('a[download="terms.pdf"]')).not.toBeNull()
  expect(box.textContent).toContain('Your terms')
})
