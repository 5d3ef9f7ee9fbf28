import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cache } from '@/api/cache'
import { auth } from '@/api/calls'
import type { Contact, Conversation, Message } from '@/api/types'
import { followEvents } from './follow'
import { queryClient } from './query'
import { session } from './session'
import { socket, type Frame } from './socket'

let told: (frame: Frame) => void = () => {}
vi.spyOn(socket, 'listen').mockImplementation((listener) => {
  told = listener
  return () => true
})
followEvents()

const conversation = (rev: number, extra: Partial<Conversation> = {}) => ({ id: 'c', rev, unread: 0, ...extra }) as Conversation
const message = (id: string, rev = 1) => ({ id, rev, conversationId: 'c', createdAt: id }) as Message
const watch = () => vi.spyOn(queryClient, 'invalidateQueries').mockResolvedValue()
let asked: ReturnType<typeof watch>
const askedFor = () => asked.mock.calls.map(([filter]) => filter?.queryKey ?? 'everything')

beforeEach(() => {
  vi.useFakeTimers()
  cache.clear()
  queryClient.clear()
  asked = watch()
  session.set({ status: 'in', me: { id: 'me' } as never })
})
afterEach(() => {
  vi.runAllTimers()
  asked.mockRestore()
  vi.useRealTimers()
})

test('a record of a frame is in the cache at once, unless a newer copy is there', () => {
  told({ type: 'contact.updated', seq: 5, data: { id: 'k', rev: 5, name: 'Ana' } as Contact })
  told({ type: 'contact.updated', seq: 4, data: { id: 'k', rev: 4, name: 'Anna' } as Contact })
  expect(cache.get('contact', 'k')?.name).toBe('Ana')
})

test('a message moves its conversation, and joins its thread only where somebody looks at it', () => {
  told({ type: 'message.received', data: { message: message('1'), conversation: conversation(2, { unread: 1 }) } })
  expect(cache.get('conversation', 'c')?.unread).toBe(1)
  expect(cache.messagesIn('c')).toEqual([])
  queryClient.setQueryData(['thread', 'c'], { pages: [], pageParams: [] })
  told({ type: 'message.received', data: { message: message('2'), conversation: conversation(3, { unread: 2 }) } })
  expect(cache.messagesIn('c').map((one) => one.id)).toEqual(['2'])
})

test('what is gone from one’s sight is forgotten, whichever way the frame names it', () => {
  cache.put('conversation', conversation(1))
  told({ type: 'gone', id: 'c' })
  expect(cache.get('conversation', 'c')).toBeUndefined()
  cache.put('contact', { id: 'k', rev: 1 } as Contact)
  told({ type: 'gone', data: { id: 'k' } })
  expect(cache.get('contact', 'k')).toBeUndefined()
})

test('what was deleted is forgotten as what it was, and nothing else with its id', () => {
  cache.put('queue', { id: 'x', rev: 1 } as never)
  cache.put('channel', { id: 'x', rev: 1 } as never)
  told({ type: 'queue.deleted', data: { id: 'x', rev: 2 } })
  expect(cache.get('queue', 'x')).toBeUndefined()
  expect(cache.get('channel', 'x')).toBeDefined()
})

test('a resync asks for everything again and keeps what is shown meanwhile', () => {
  const me = vi.spyOn(auth, 'me').mockResolvedValue({ id: 'me' } as never)
  cache.put('conversation', conversation(7))
  told({ type: 'resync', seq: 90 })
  expect(cache.get('conversation', 'c')).toBeDefined()
  expect(askedFor()).toEqual(['everything'])
  expect(me).toHaveBeenCalledOnce()
  me.mockRestore()
})

test('after a resync, what no answer brought again is gone; without answers everything stays', async () => {
  const me = vi.spyOn(auth, 'me').mockResolvedValue({ id: 'me' } as never)
  cache.put('conversation', conversation(7))
  cache.put('conversation', conversation(7, { id: 'left' }))
  asked.mockImplementation(async () => cache.put('conversation', conversation(7)))
  const failed = vi.spyOn(queryClient.getQueryCache(), 'findAll').mockReturnValue([{ state: { status: 'error', isInvalidated: true } }] as never)
  told({ type: 'resync', seq: 90 })
  await vi.advanceTimersByTimeAsync(0)
  expect(cache.get('conversation', 'left')).toBeDefined()
  failed.mockRestore()
  told({ type: 'resync', seq: 91 })
  await vi.advanceTimersByTimeAsync(0)
  expect(cache.get('conversation', 'left')).toBeUndefined()
  expect(cache.get('conversation', 'c')).toBeDefined()
  me.mockRestore()
})

test('of another epoch the revisions say nothing: everything is forgotten first', () => {
  const me = vi.spyOn(auth, 'me').mockRejectedValue(new Error('not now'))
  cache.put('conversation', conversation(700))
  told({ type: 'epoch' })
  told({ type: 'conversation.updated', data: conversation(3) })
  expect(cache.get('conversation', 'c')?.rev).toBe(3)
  expect(askedFor()).toEqual(['everything'])
  me.mockRestore()
})

test('a storm of events asks for the counters once', () => {
  for (let i = 1; i <= 50; i++) told({ type: 'message.received', data: { message: message(String(i)), conversation: conversation(i) } })
  expect(askedFor()).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(askedFor()).toEqual([['counters']])
  told({ type: 'conversation.read', data: conversation(99) })
  vi.advanceTimersByTime(1_000)
  expect(askedFor()).toEqual([['counters'], ['counters']])
})

test.each([
  ['deadletter.created', 'deadletter'],
  ['job.updated', 'job'],
  ['role.updated', 'role'],
  ['setting.changed', 'setting'],
])('%s asks again for the lists of its room', (type, key) => {
  told({ type, data: {} })
  expect(askedFor()).toEqual([[key]])
})

test('a renamed firm is a matter of the signed-in person, too', () => {
  const me = vi.spyOn(auth, 'me').mockResolvedValue({ id: 'me' } as never)
  told({ type: 'tenant.updated', data: {} })
  expect(askedFor()).toEqual([['tenant']])
  expect(me).toHaveBeenCalledOnce()
  me.mockRestore()
})
