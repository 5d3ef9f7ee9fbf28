import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cache, useRecord } from '@/api/cache'
import { conversations } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Conversation, Message } from '@/api/types'
import { session } from '@/app/session'
import { newestOf, useReading } from './reading'
import type { Item } from './thread'

let root: Root
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))
const open = (rev: number, unread: number, extra: Partial<Conversation> = {}) => ({ id: 'c', rev, unread, assignedTo: 'me', ...extra }) as Conversation
const read = vi.spyOn(conversations, 'read')

function Reader({ newest, away = false }: { newest: string | null; away?: boolean }) {
  const conversation = useRecord('conversation', 'c')!
  useReading(conversation, 'me', away, newest)
  return null
}
const show = (newest: string | null, away = false) => act(async () => root.render(<Reader newest={newest} away={away} />))

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  vi.useFakeTimers()
  vi.spyOn(document, 'hasFocus').mockReturnValue(true)
  session.set({ status: 'in', me: { id: 'me', permissions: { 'conversation.reply': 'queue' } } as never })
  cache.clear()
  cache.put('conversation', open(1, 2))
  read.mockReset()
  root = createRoot(document.createElement('div'))
})
afterEach(async () => {
  await act(async () => root.unmount())
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('what is in sight is read up to the newest message, once', async () => {
  read.mockResolvedValue(open(2, 0))
  await show('m2')
  await pass(5_000)
  expect(read.mock.calls).toEqual([['c', 'm2']])
})

test('what came while the answer was on its way stays unread until it is seen too', async () => {
  read.mockResolvedValueOnce(open(3, 1)).mockResolvedValue(open(5, 0))
  await show('m2')
  await pass(5_000)
  expect(cache.get('conversation', 'c')?.unread).toBe(1)
  await show('m3')
  await pass(5_000)
  expect(read.mock.calls).toEqual([['c', 'm2'], ['c', 'm3']])
})

test('a refusal is not asked for again and again', async () => {
  read.mockRejectedValue(new ApiError({ status: 403, code: 'forbidden' }))
  await show('m2')
  await pass(60_000)
  expect(read).toHaveBeenCalledOnce()
  expect(cache.get('conversation', 'c')?.unread).toBe(2)
  await act(async () => void dispatchEvent(new Event('focus')))
  expect(read).toHaveBeenCalledTimes(2)
})

test.each<[string, () => void, boolean]>([
  ['scrolled away', () => {}, true],
  ['somebody else’s', () => cache.put('conversation', open(2, 2, { assignedTo: 'other' })), false],
  ['of a person who may only look', () => session.set({ status: 'in', me: { id: 'me', permissions: {} } as never }), false],
])('%s is not read', async (_, make, away) => {
  make()
  await show('m2', away)
  await pass(5_000)
  expect(read).not.toHaveBeenCalled()
})

test('the newest message is the one that came last, wherever the provider’s clock puts it', () => {
  const item = (id: string, arrival: number): Item => ({ key: id, at: id, message: { id, arrival } as Message })
  expect(newestOf([item('b', 7), item('c', 3), { key: 'p', at: 'z', pending: {} as never }])).toBe('b')
  expect(newestOf([])).toBeNull()
})
