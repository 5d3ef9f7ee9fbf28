import { beforeEach, expect, test, vi } from 'vitest'
import { cache } from '@/api/cache'
import { conversations } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Conversation, User } from '@/api/types'
import { i18n } from '@/app/i18n'
import { session } from '@/app/session'
import * as asking from '@/ui/ask'
import { take } from './actions'

const conversation = (rev: number, extra: Partial<Conversation>) => ({ id: 'c', rev, status: 'OPEN', assignedTo: null, ...extra }) as Conversation
const taken = new ApiError({ status: 409, code: 'already_assigned' })

beforeEach(() => {
  vi.restoreAllMocks()
  i18n.loadAndActivate({ locale: 'en', messages: { 'take.title': ['Take over from ', ['name']], 'take.held': [['name'], ' has it'], 'take.late': [['name'], ' was faster'], 'take.over': 'Take over' } })
  session.set({ status: 'in', me: { id: 'me' } as never })
  cache.clear()
  cache.put('user', { id: 'ana', rev: 1, name: 'Ana' } as User)
})

test('what waits is taken at once, without a question', async () => {
  cache.put('conversation', conversation(1, {}))
  const ask = vi.spyOn(asking, 'ask')
  const assign = vi.spyOn(conversations, 'assign').mockResolvedValue(conversation(2, { status: 'ASSIGNED', assignedTo: 'me' }))
  expect(await take('c')).toBe(true)
  expect(assign).toHaveBeenCalledExactlyOnceWith('c')
  expect(ask).not.toHaveBeenCalled()
})

test('a conversation that ended with a colleague belongs to nobody now', async () => {
  cache.put('conversation', conversation(1, { status: 'OPEN', assignedTo: 'ana' }))
  const assign = vi.spyOn(conversations, 'assign').mockResolvedValue(conversation(2, { status: 'ASSIGNED', assignedTo: 'me' }))
  await take('c')
  expect(assign).toHaveBeenCalledExactlyOnceWith('c')
})

test.each([
  ['yes: it is assigned by name', true, [['c', 'me']]],
  ['no: nothing happens', false, []],
])('what a colleague has is asked for; %s', async (_, answer, calls) => {
  cache.put('conversation', conversation(1, { status: 'ASSIGNED', assignedTo: 'ana' }))
  const ask = vi.spyOn(asking, 'ask').mockResolvedValue(answer)
  const assign = vi.spyOn(conversations, 'assign').mockResolvedValue(conversation(2, { status: 'ASSIGNED', assignedTo: 'me' }))
  expect(await take('c')).toBe(answer)
  expect(ask.mock.calls[0]![0]).toMatchObject({ title: 'Take over from Ana', words: 'Ana has it' })
  expect(assign.mock.calls).toEqual(calls)
})

test('who was faster is shown and named', async () => {
  cache.put('conversation', conversation(1, {}))
  vi.spyOn(conversations, 'assign').mockRejectedValueOnce(taken)
  vi.spyOn(conversations, 'get').mockResolvedValue({ ...conversation(5, { status: 'ASSIGNED', assignedTo: 'ana' }), messages: [] })
  const ask = vi.spyOn(asking, 'ask').mockResolvedValue(false)
  expect(await take('c')).toBe(false)
  expect(cache.get('conversation', 'c')?.assignedTo).toBe('ana')
  expect(ask.mock.calls[0]![0].words).toBe('Ana was faster')
})
