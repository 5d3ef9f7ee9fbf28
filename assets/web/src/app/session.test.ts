import { beforeEach, expect, test, vi } from 'vitest'
import { auth } from '@/api/calls'
import { ApiError, get } from '@/api/client'
import { begin, can, goOver, restore, session, signOut } from './session'
import { ownPath } from './own-path'
import { socket } from './socket'

const me = { id: 'u', name: 'Ana', permissions: { 'conversation.read': 'queue' }, tenant: { language: 'en' } } as never
const login = { token: 'one', expiresIn: 900, user: me } as never

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  vi.restoreAllMocks()
  vi.spyOn(socket, 'open').mockImplementation(() => {})
  vi.spyOn(auth, 'me').mockResolvedValue(me)
  session.set({ status: 'restoring' })
})

test('a first visit asks the server for nothing', async () => {
  const refresh = vi.spyOn(auth, 'refresh')
  await restore()
  expect(session.get()).toEqual({ status: 'out' })
  expect(refresh).not.toHaveBeenCalled()
})

test('a reload brings the session back by the cookie, and opens the socket', async () => {
  localStorage.setItem('farol.session', '1')
  vi.spyOn(auth, 'refresh').mockResolvedValue(login)
  await restore()
  expect(session.get().status).toBe('in')
  expect(socket.open).toHaveBeenCalledOnce()
  expect(can('conversation.read')).toBe(true)
  expect(can('user.manage')).toBe(false)
})

test.each([
  ['a dead session goes to the door', new ApiError({ status: 401, code: 'session_over' }), { status: 'out', why: 'expired' }],
  ['a new box in place of the old one is no outage', new ApiError({ status: 503, code: 'setup_required' }), { status: 'out', why: 'signed-out' }],
  ['a server that does not answer ends nothing', new ApiError({ status: 0, code: 'network' }), { status: 'unreachable' }],
])('%s', async (_, error, expected) => {
  localStorage.setItem('farol.session', '1')
  vi.spyOn(auth, 'refresh').mockRejectedValue(error)
  await restore()
  expect(session.get()).toEqual(expected)
})

test('many calls that meet a spent token renew it once, and each is repeated once', async () => {
  await begin(login)
  const refresh = vi.spyOn(auth, 'refresh').mockResolvedValue({ ...(login as object), token: 'two' } as never)
  const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async (_, init) => {
    const token = (init!.headers as Record<string, string>).authorization
    return token === 'Bearer two' ? Response.json({ fine: true }) : Response.json({ code: 'token_expired', status: 401 }, { status: 401 })
  })
  const answers = await Promise.all([get('/a'), get('/b'), get('/c')])
  expect(answers).toEqual([{ fine: true }, { fine: true }, { fine: true }])
  expect(refresh).toHaveBeenCalledOnce()
  expect(fetched).toHaveBeenCalledTimes(6)
})

test('the token is nowhere in the browser’s storage, and signing out leaves nothing private', async () => {
  await begin(login)
  sessionStorage.setItem('farol.private.draft.reply.x', 'rascunho')
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain('one')
  vi.spyOn(auth, 'logout').mockRejectedValue(new ApiError({ status: 0, code: 'network' }))
  await signOut()
  expect(session.get()).toEqual({ status: 'out', why: 'signed-out' })
  expect(sessionStorage.length).toBe(0)
})

test('a session that ran out leaves the drafts to their owner, and to nobody else', async () => {
  const draft = 'farol.private.draft.reply.x'
  await begin(login)
  sessionStorage.setItem(draft, 'rascunho')
  vi.spyOn(auth, 'refresh').mockRejectedValue(new ApiError({ status: 401, code: 'session_over' }))
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json({ code: 'token_expired', status: 401 }, { status: 401 }))
  await expect(get('/a')).rejects.toThrow()
  expect(session.get()).toEqual({ status: 'out', why: 'expired' })
  expect(sessionStorage.getItem(draft)).toBe('rascunho')
  await begin(login)
  expect(sessionStorage.getItem(draft)).toBe('rascunho')
  const other = { ...(me as object), id: 'v' } as never
  vi.spyOn(auth, 'me').mockResolvedValue(other)
  await begin({ ...(login as object), user: other } as never)
  expect(sessionStorage.getItem(draft)).toBeNull()
})

test('signing out in one tab signs the others out on purpose, also those that slept', async () => {
  await begin(login)
  dispatchEvent(Object.assign(new Event('storage'), { key: 'farol.left', newValue: String(Date.now()) }))
  expect(session.get()).toEqual({ status: 'out', why: 'signed-out' })
  await begin(login)
  localStorage.setItem('farol.left', String(Date.now() + 1))
  vi.spyOn(auth, 'refresh').mockRejectedValue(new ApiError({ status: 401, code: 'session_over' }))
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json({ code: 'token_expired', status: 401 }, { status: 401 }))
  await expect(get('/a')).rejects.toThrow()
  expect(session.get()).toEqual({ status: 'out', why: 'signed-out' })
})

test('where somebody else has signed in meanwhile, this tab shows nothing of anybody', async () => {
  await begin(login)
  vi.spyOn(auth, 'refresh').mockResolvedValue({ ...(login as object), token: 'theirs', user: { id: 'v' } } as never)
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json({ code: 'token_expired', status: 401 }, { status: 401 }))
  await expect(get('/a')).rejects.toThrow()
  expect(session.get()).toEqual({ status: 'out', why: 'signed-out' })
})

const elsewhere = { ...(me as object), companyId: 'second' } as never

test('in another firm nothing of the one before is left, and the desk waits until it is there', async () => {
  await begin(login)
  sessionStorage.setItem('farol.private.draft.reply.x', 'rascunho')
  vi.spyOn(auth, 'goOver').mockResolvedValue({ ...(login as object), token: 'two', user: elsewhere } as never)
  const seen: string[] = []
  const stop = session.subscribe(() => seen.push(session.get().status))
  vi.spyOn(auth, 'me').mockResolvedValue(elsewhere)
  await goOver('second')
  stop()
  expect(seen).toEqual(['out', 'restoring', 'in'])
  expect(session.get()).toEqual({ status: 'in', me: elsewhere })
  expect(sessionStorage.getItem('farol.private.draft.reply.x')).toBeNull()
})

test('a tab follows where its person went over to another firm in another one', async () => {
  await begin(login)
  vi.spyOn(auth, 'refresh').mockResolvedValue({ ...(login as object), token: 'two', user: elsewhere } as never)
  vi.spyOn(auth, 'me').mockResolvedValue(elsewhere)
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json({ code: 'token_expired', status: 401 }, { status: 401 }))
  await expect(get('/a')).rejects.toThrow()
  await vi.waitFor(() => expect(session.get()).toEqual({ status: 'in', me: elsewhere }))
})

test('an unreachable server leaves nobody between two firms', async () => {
  await begin(login)
  vi.spyOn(auth, 'goOver').mockResolvedValue({ ...(login as object), user: elsewhere } as never)
  vi.spyOn(auth, 'me').mockRejectedValue(new ApiError({ status: 0, code: 'network' }))
  await goOver('second')
  expect(session.get()).toEqual({ status: 'unreachable' })
  // The cookie is there: trying again brings them in.
  expect(localStorage.getItem('farol.session')).toBe('1')
})

test.each([
  ['/inbox/all/1?message=2', '/inbox/all/1?message=2'],
  ['https://evil.example.com', '/inbox/mine'],
  ['//evil.example.com', '/inbox/mine'],
  ['/\\evil.example.com', '/inbox/mine'],
  [undefined, '/inbox/mine'],
])('after sign-in %s leads to %s', (given, expected) => expect(ownPath(given)).toBe(expected))
