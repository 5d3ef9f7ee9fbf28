import { beforeEach, expect, test, vi } from 'vitest'
import '@/features/conversations/commands'
import './app-commands'
import { allCommands, handleKey, shortcutWords, type Context, type InboxTarget } from './commands'
import { prefer } from './preferences'
import { session } from './session'
import { i18n, activate, known } from './i18n'

const inbox = Object.fromEntries(['step', 'openSelected', 'focusComposer', 'take', 'openAssign', 'openTransfer', 'resolve', 'reopen', 'archive', 'close', 'togglePanel'].map((name) => [name, vi.fn()])) as unknown as InboxTarget
const context: Context = { navigate: vi.fn(), openPalette: vi.fn(), openHelp: vi.fn(), openPreferences: vi.fn(), signOut: vi.fn(), inbox }
Object.assign(inbox, { conversationId: 'c', status: 'ASSIGNED', assignedToMe: false, hasSelection: true })

function press(code: string, init: KeyboardEventInit = {}, target: HTMLElement = document.body): boolean {
  const event = new KeyboardEvent('keydown', { code, bubbles: true, cancelable: true, ...init })
  Object.defineProperty(event, 'target', { value: target })
  return handleKey(event, context)
}

beforeEach(() => {
  vi.clearAllMocks()
  prefer({ shortcuts: true })
  session.set({ status: 'in', me: { id: 'me', permissions: { '*': 'tenant' } } as never })
})

test('letters act, by their place on the board', () => {
  expect(press('KeyJ')).toBe(true)
  expect(inbox.step).toHaveBeenCalledWith(1)
  press('KeyE')
  expect(inbox.resolve).toHaveBeenLastCalledWith(false)
  press('KeyE', { shiftKey: true })
  expect(inbox.resolve).toHaveBeenLastCalledWith(true)
})

test('G then a letter goes somewhere, the letter alone does what it does', () => {
  press('KeyG')
  press('KeyI')
  expect(context.navigate).toHaveBeenCalledWith('/inbox/mine')
  expect(inbox.take).not.toHaveBeenCalled()
  press('KeyI')
  expect(inbox.take).toHaveBeenCalledOnce()
})

test('while typing only Ctrl shortcuts act', () => {
  const area = document.createElement('textarea')
  expect(press('KeyE', {}, area)).toBe(false)
  expect(press('KeyK', { ctrlKey: true }, area)).toBe(true)
  expect(context.openPalette).toHaveBeenCalled()
})

test('single letters can be switched off, Ctrl shortcuts stay', () => {
  prefer({ shortcuts: false })
  expect(press('KeyE')).toBe(false)
  expect(press('KeyK', { metaKey: true })).toBe(true)
})

test('what a person may not do, no key does', () => {
  session.set({ status: 'in', me: { id: 'me', permissions: { 'conversation.read': 'tenant' } } as never })
  expect(press('KeyE')).toBe(false)
  expect(inbox.resolve).not.toHaveBeenCalled()
})

test('the question mark opens the help sheet wherever it lies', () => {
  press('Comma', { key: '?', shiftKey: true })
  expect(context.openHelp).toHaveBeenCalled()
})

test('no two commands share a shortcut, and every label has words', async () => {
  await activate('en')
  const words = allCommands().flatMap((command) => (command.shortcut ? [shortcutWords(command.shortcut)] : []))
  expect(new Set(words).size).toBe(words.length)
  expect(allCommands().filter((command) => !known(command.label))).toEqual([])
  expect(i18n.locale).toBe('en')
})
