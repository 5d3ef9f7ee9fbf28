import { beforeEach, expect, test, vi } from 'vitest'
import { auth, conversations, messages } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Message } from '@/api/types'
import { goOver, session } from '@/app/session'
import { socket } from '@/app/socket'
import { cache } from '@/api/cache'
import { leaveFor } from '@/app/going-over'
import { activate } from '@/app/i18n'
import * as asking from '@/ui/ask'
import { attach, workOf } from './composer/state'
import { keepDraft, readDraft } from './drafts'
import { cancel, filesOnlyHere, followSession, giveFile, retry, send, withdraw } from './outbox'

const KEPT = 'farol.private.me/.outbox'
const kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? '[]') as { clientId: string; state: string; content: string; code?: string }[]
const answer = (body: { clientId: string; conversationId: string; content?: string | null }) => ({ ...body, id: body.clientId, rev: 1, createdAt: 'now', status: 'PENDING' }) as unknown as Message
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

const photo = (name = 'a.png') => new File(['x'], name, { type: 'image/png' })
const postFile = vi.spyOn(messages, 'sendMedia')

test('a file goes up with its caption, and its bytes are never kept in the tab', async () => {
  postFile.mockImplementation(async (form) => answer({ clientId: form.clientId!, conversationId: form.conversationId, content: form.caption ?? undefined }))
  send({ conversationId: 'a', content: 'look', isPrivate: false, file: { file: photo() } })
  expect(kept()).toMatchObject([{ content: 'look', state: 'sending', file: { name: 'a.png', mime: 'image/png', bytes: 1 } }])
  await vi.advanceTimersByTimeAsync(0)
  expect(postFile.mock.calls.at(-1)![0]).toMatchObject({ conversationId: 'a', caption: 'look' })
  expect(kept()).toEqual([])
})

test('after a reload the words are there and the file is asked for again, unless it had arrived', async () => {
  const page = vi.spyOn(conversations, 'messages').mockResolvedValue({ messages: [], nextCursor: null } as never)
  const file = { name: 'a.png', mime: 'image/png', bytes: 1 }
  const pending = { clientId: 'one', conversationId: 'a', content: 'look', isPrivate: false, file, createdAt: 'now', state: 'sending', attempts: 1 }
  session.set({ status: 'out' })
  sessionStorage.setItem(KEPT, JSON.stringify([pending]))
  session.set({ status: 'in', me: { id: 'me', permissions: {} } as never })
  await vi.advanceTimersByTimeAsync(0)
  expect(kept()).toMatchObject([{ content: 'look', state: 'failed', code: 'file_gone' }])
  postFile.mockImplementation(async (form) => answer({ clientId: form.clientId!, conversationId: form.conversationId }))
  giveFile('one', photo('b.png'))
  await vi.advanceTimersByTimeAsync(0)
  expect(postFile.mock.calls.at(-1)![0]).toMatchObject({ clientId: 'one', caption: 'look' })
  expect(kept()).toEqual([])

  page.mockResolvedValue({ messages: [answer({ clientId: 'two', conversationId: 'a' })], nextCursor: null } as never)
  session.set({ status: 'out' })
  sessionStorage.setItem(KEPT, JSON.stringify([{ ...pending, clientId: 'two' }]))
  session.set({ status: 'in', me: { id: 'me', permissions: {} } as never })
  await vi.advanceTimersByTimeAsync(0)
  expect(kept()).toEqual([])
})

test('an upload that is called off leaves the thread and lets the next one go', async () => {
  postFile.mockImplementation((_, signal) => new Promise((_done, fail) => signal!.addEventListener('abort', () => fail(new ApiError({ status: 0, code: 'network' })))))
  post.mockImplementation(async (body) => answer(body))
  send({ conversationId: 'a', content: '', isPrivate: false, file: { file: photo() } })
  write('after it')
  await vi.advanceTimersByTimeAsync(0)
  cancel(kept()[0]!.clientId)
  await vi.advanceTimersByTimeAsync(0)
  expect(post.mock.calls.map(([body]) => body.content)).toEqual(['after it'])
  expect(kept()).toEqual([])
})

test('a refused file goes back into the tray with its caption', async () => {
  postFile.mockRejectedValue(new ApiError({ status: 413, code: 'too_large' }))
  send({ conversationId: 'a', content: 'look', isPrivate: false, file: { file: photo() } })
  await vi.advanceTimersByTimeAsync(0)
  expect(kept()).toMatchObject([{ state: 'failed', code: 'too_large' }])
  expect(withdraw(kept()[0]!.clientId)).toBe('')
  expect(workOf('a').files).toMatchObject([{ caption: 'look', file: { name: 'a.png' } }])
})

test('what is more than words is sent by its parts, without words it does not have', async () => {
  post.mockImplementation(async (body) => answer(body))
  send({ conversationId: 'a', content: 'as shown', isPrivate: false, more: { type: 'TEMPLATE', template: { templateId: 't', variables: { '1': 'Rita' } } } })
  send({ conversationId: 'b', content: 'When?', isPrivate: false, more: { type: 'POLL', poll: { options: ['Mon', 'Tue'] } } })
  await vi.advanceTimersByTimeAsync(0)
  const [template, poll] = post.mock.calls.map(([body]) => body)
  expect(template).toMatchObject({ template: { templateId: 't', variables: { '1': 'Rita' } } })
  expect(template!.content).toBeUndefined()
  expect(poll).toMatchObject({ content: 'When?', poll: { options: ['Mon', 'Tue'] } })
})

const person = (companyId: string) => ({ id: 'me', companyId, tenant: { id: companyId, language: 'en' }, permissions: {} })
async function come(companyId: string): Promise<void> {
  vi.spyOn(socket, 'open').mockImplementation(() => {})
  vi.spyOn(auth, 'me').mockResolvedValue(person(companyId) as never)
  vi.spyOn(auth, 'goOver').mockResolvedValue({ token: companyId, user: person(companyId) } as never)
  await goOver(companyId)
}

test('an answer for one firm that comes in the next is not shown there, and moves nothing', async () => {
  for (const late of [() => answer({ clientId: 'x', conversationId: 'a' }), () => Promise.reject(new ApiError({ status: 0, code: 'network' }))]) {
    await come(`first of ${String(late)}`)
    let letGo: () => void = () => {}
    post.mockReset()
    post.mockImplementationOnce(() => new Promise((done) => (letGo = () => done(late()))))
    write('1')
    write('2')
    await come('second')
    letGo()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(cache.messagesIn('a')).toEqual([])
    expect(post).toHaveBeenCalledOnce()
  }
})

test('who goes over to another firm finds everything that was not sent when they come back', async () => {
  await come('first')
  post.mockImplementation(() => new Promise(() => {}))
  postFile.mockImplementation((_, signal) => new Promise((_done, fail) => signal!.addEventListener('abort', () => fail(new ApiError({ status: 0, code: 'network' })))))
  write('under way')
  write('queued')
  send({ conversationId: 'b', content: 'look', isPrivate: false, file: { file: photo() } })
  keepDraft('c', 'reply', 'half a sen')
  attach('c', [photo('tray.png')])
  await vi.advanceTimersByTimeAsync(0)
  const ids = post.mock.calls.map(([body]) => body.clientId)
  expect(filesOnlyHere()).toBe(2)

  await come('second')
  expect([filesOnlyHere(), readDraft('c', 'reply'), workOf('c').files]).toEqual([0, '', []])
  post.mockClear()
  postFile.mockClear()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(post).not.toHaveBeenCalled()

  post.mockImplementation(async (body) => answer(body))
  postFile.mockImplementation(async (form) => answer({ clientId: form.clientId!, conversationId: form.conversationId }))
  await come('first')
  await vi.advanceTimersByTimeAsync(0)
  expect(post.mock.calls.map(([body]) => body.content)).toEqual(['under way', 'queued'])
  expect(post.mock.calls[0]![0].clientId).toBe(ids[0])
  expect(postFile.mock.calls.map(([form]) => form.file.name)).toEqual(['a.png'])
  expect(readDraft('c', 'reply')).toBe('half a sen')
  expect(workOf('c').files).toMatchObject([{ file: { name: 'tray.png' } }])
  expect(filesOnlyHere()).toBe(1)
})

test('whoever comes after a sign-out finds no file of the one before', async () => {
  await come('first')
  attach('c', [photo('tray.png')])
  await come('second')
  session.set({ status: 'out', why: 'signed-out' })
  await come('first')
  expect(filesOnlyHere()).toBe(0)
})

test('going over asks first while files are nowhere but here', async () => {
  await activate('en')
  await come('first')
  const over = vi.spyOn(auth, 'goOver')
  const asked = vi.spyOn(asking, 'ask').mockResolvedValue(false)
  over.mockClear()
  attach('c', [photo('tray.png')])
  await leaveFor('second')
  expect(over).not.toHaveBeenCalled()
  asked.mockResolvedValue(true)
  await leaveFor('second')
  expect(over).toHaveBeenCalledOnce()
  await come('second')
  asked.mockClear()
  await leaveFor('first')
  expect(asked).not.toHaveBeenCalled()
})
