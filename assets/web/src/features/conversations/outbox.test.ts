import { beforeEach, expect, test, vi } from 'vitest'
import { messages } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Message } from '@/api/types'
import { session } from '@/app/session'
import { cache } from '@/api/cache'
import { followSession, retry, send, withdraw } from './outbox'

const KEPT = 'farol.private.outbox'
const kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? '[]') as { clientId: string; state: string; content: string; code?: string }[]
const answer = (body: { clientId: string; conversationId: string; content: string }) => ({ ...body, id: body.clientId, rev: 1, createdAt: 'now', status: 'PENDING' }) as unknown as Message
const post = vi.spyOn(messages, 'send')
const write = (content: string, conversationId = 'a') => send({ conversationId, content, isPrivate: false })

followSession()
beforeEach(() => {
  session.set({ status: 'out' })
  sessionStorage.clear()
  session.set({ status: 'in', me: { id: 'me', permissions: {} } as never })
  cache.clear()
  vi.useFakeTimers()
  post.mockReset()
})

test('shows at once, keeps the text over a reload, and lets go when the server has it', async () => {
  post.mockImplementation(async (body) => answer(body))
  write('bom dia')
  expect(kept()).toMatchObject([{ content: 'bom dia', state: 'sending' }])
  await vi.advanceTimersByTimeAsync(0)
  expect(kept()).toEqual([])
  expect(cache.messagesIn('a')).toHaveLength(1)
})

test('a lost answer is settled by asking again with the same id', async () => {
  post.mockRejectedValueOnce(new ApiError({ status: 0, code: 'network' })).mockImplementation(async (body) => answer(body))
  write('olá')
  await vi.advanceTimersByTimeAsync(0)
  expect(kept()[0]?.state).toBe('unknown')
  await vi.advanceTimersByTimeAsync(1_000)
  const ids = post.mock.calls.map(([body]) => body.clientId)
  expect(ids).toHaveLength(2)
  expect(new Set(ids).size).toBe(1)
  expect(kept()).toEqual([])
})

test('a refusal stays in the thread with its code; retry keeps the id, withdrawing gives the words back', async () => {
  post.mockRejectedValue(new ApiError({ status: 409, code: 'window_closed' }))
  write('tarde demais')
  await vi.advanceTimersByTimeAsync(0)
  const [failed] = kept()
  expect(failed).toMatchObject({ state: 'failed', code: 'window_closed' })
  retry(failed!.clientId)
  await vi.advanceTimersByTimeAsync(0)
  expect(post.mock.calls.map(([body]) => body.clientId)).toEqual([failed!.clientId, failed!.clientId])
  expect(withdraw(failed!.clientId)).toBe('tarde demais')
  expect(kept()).toEqual([])
})

test('one at a time per conversation, in the order written; conversations do not wait for each other', async () => {
  let letGo: () => void = () => {}
  post.mockImplementationOnce((body) => new Promise((done) => (letGo = () => done(answer(body))))).mockImplementation(async (body) => answer(body))
  write('1')
  write('2')
  write('3', 'b')
  await vi.advanceTimersByTimeAsync(0)
  expect(post.mock.calls.map(([body]) => body.content)).toEqual(['1', '3'])
  letGo()
  await vi.advanceTimersByTimeAsync(0)
  expect(post.mock.calls.map(([body]) => body.content)).toEqual(['1', '3', '2'])
})

test('a session that ran out keeps what was not sent, and goes on when its owner is back', async () => {
  post.mockRejectedValueOnce(new ApiError({ status: 0, code: 'network' })).mockImplementation(async (body) => answer(body))
  write('volto já')
  await vi.advanceTimersByTimeAsync(0)
  session.set({ status: 'out', why: 'expired' })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(post).toHaveBeenCalledOnce()
  expect(kept()).toMatchObject([{ content: 'volto já' }])
  session.set({ status: 'in', me: { id: 'me', permissions: {} } as never })
  await vi.advanceTimersByTimeAsync(0)
  expect(post).toHaveBeenCalledTimes(2)
  expect(new Set(post.mock.calls.map(([body]) => body.clientId)).size).toBe(1)
  expect(kept()).toEqual([])
})

test('an answer that comes after the end of the session touches nothing that is kept', async () => {
  let letGo: () => void = () => {}
  post.mockImplementationOnce((body) => new Promise((done) => (letGo = () => done(answer(body)))))
  write('1')
  write('2')
  session.set({ status: 'out', why: 'expired' })
  letGo()
  await vi.advanceTimersByTimeAsync(0)
  expect(kept().map((one) => one.content)).toEqual(['1', '2'])
})
