import { expect, test } from 'vitest'
import type { Conversation, Message } from '@/api/types'
import { belongs, byRecency } from './list'
import type { Pending } from './outbox'
import { merge } from './thread'

const conversation = (extra: Partial<Conversation>) => ({ id: 'c', status: 'ASSIGNED', assignedTo: 'me', queueId: 'q', channelId: 'ch', lastMessageAt: '2026-01-01', ...extra }) as Conversation

test.each<[Partial<Conversation>, string[]]>([
  [{}, ['mine', 'all']],
  [{ assignedTo: 'other' }, ['all']],
  [{ status: 'OPEN', assignedTo: null }, ['unassigned', 'all']],
  [{ status: 'RESOLVED' }, ['resolved']],
  [{ status: 'ARCHIVED' }, []],
])('%o stands in %o', (extra, tabs) => {
  const found = (['mine', 'unassigned', 'all', 'resolved'] as const).filter((tab) => belongs(conversation(extra), { tab }, 'me'))
  expect(found).toEqual(tabs)
})

test('filters narrow every tab', () => {
  expect(belongs(conversation({}), { tab: 'all', queueId: 'x' }, 'me')).toBe(false)
  expect(belongs(conversation({}), { tab: 'all', queueId: 'q', channelId: 'ch' }, 'me')).toBe(true)
})

test('newest first, ids decide between equals', () => {
  const rows = [conversation({ id: 'a', lastMessageAt: '1' }), conversation({ id: 'b', lastMessageAt: '2' }), conversation({ id: 'c', lastMessageAt: '1' })]
  expect(rows.sort(byRecency).map((row) => row.id)).toEqual(['b', 'c', 'a'])
})

const stored = (id: string, extra: Partial<Message> = {}) => ({ id, createdAt: id, clientId: null, ...extra }) as Message
const pending = (clientId: string) => ({ clientId, createdAt: 'z' }) as Pending

test('a message that arrived is no longer on its way, and keeps its place by the same key', () => {
  const before = merge([stored('1')], [pending('x')], null)
  const after = merge([stored('1'), stored('2', { clientId: 'x' })], [pending('x')], null)
  expect(before.map((item) => item.key)).toEqual(['1', 'x'])
  expect(after.map((item) => item.key)).toEqual(['1', 'x'])
  expect(after[1]?.pending).toBeUndefined()
})

test('news about messages older than what is loaded do not leave holes in the thread', () => {
  expect(merge([stored('1'), stored('5'), stored('6')], [], '5').map((item) => item.key)).toEqual(['5', '6'])
})
