import { expect, test, vi } from 'vitest'
import { Cache } from './cache'
import type { Conversation, Message } from './types'

const conversation = (id: string, rev: number, extra: Partial<Conversation> = {}) => ({ id, rev, status: 'OPEN', ...extra }) as Conversation
const message = (id: string, conversationId: string, rev = 1) => ({ id, conversationId, rev, createdAt: id }) as Message
const settled = () => new Promise((done) => setTimeout(done, 0))

test('of two copies the higher rev stays, whatever order they come in', () => {
  const cache = new Cache()
  cache.put('conversation', conversation('a', 7, { unread: 2 }))
  cache.put('conversation', conversation('a', 5, { unread: 9 }))
  expect(cache.get('conversation', 'a')?.unread).toBe(2)
  cache.put('conversation', conversation('a', 8, { unread: 0 }))
  expect(cache.get('conversation', 'a')?.unread).toBe(0)
})

test('a hint shows at once, lies over newer copies, and leaves no trace', () => {
  const cache = new Cache()
  cache.put('conversation', conversation('a', 1))
  const drop = cache.hint('conversation', 'a', { status: 'RESOLVED' })
  expect(cache.get('conversation', 'a')?.status).toBe('RESOLVED')
  cache.put('conversation', conversation('a', 2, { unread: 4 }))
  expect(cache.get('conversation', 'a')).toMatchObject({ status: 'RESOLVED', unread: 4 })
  drop()
  expect(cache.get('conversation', 'a')).toMatchObject({ status: 'OPEN', unread: 4 })
})

test('what was shown is the same object until it changes, so that React has nothing to do', () => {
  const cache = new Cache()
  cache.put('conversation', conversation('a', 1))
  cache.hint('conversation', 'a', { unread: 1 })
  expect(cache.get('conversation', 'a')).toBe(cache.get('conversation', 'a'))
})

test('a page of records is one notice', async () => {
  const cache = new Cache()
  const told = vi.fn()
  cache.watch('conversation/', told)
  cache.putAll('conversation', Array.from({ length: 50 }, (_, i) => conversation(String(i), 1)))
  await settled()
  expect(told).toHaveBeenCalledTimes(1)
})

test('a conversation that is gone takes its messages along', () => {
  const cache = new Cache()
  cache.put('conversation', conversation('a', 1))
  cache.put('message', message('m1', 'a'))
  cache.put('message', message('m2', 'b'))
  cache.remove('a')
  expect(cache.get('conversation', 'a')).toBeUndefined()
  expect(cache.messagesIn('a')).toEqual([])
  expect(cache.messagesIn('b')).toHaveLength(1)
})

test('clearing tells everybody who watches', async () => {
  const cache = new Cache()
  cache.put('conversation', conversation('a', 1))
  await settled()
  const told = vi.fn()
  cache.watch('conversation/a', told)
  cache.clear()
  expect(told).toHaveBeenCalledOnce()
  expect(cache.get('conversation', 'a')).toBeUndefined()
})
