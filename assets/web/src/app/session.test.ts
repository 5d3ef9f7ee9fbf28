import { beforeEach, expect, test, vi } from 'vitest'
import { cache } from '@/api/cache'
import { auth } from '@/api/calls'
import { ApiError, get, hasLeft, post, upload } from '@/api/client'
import { begin, can, goOver, privateKey, restore, session, signOut } from './session'
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
  sessionStorage.setItem(privateKey('draft.reply.x'), 'rascunho')
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain('one')
  vi.spyOn(auth, 'logout').mockRejectedValue(new ApiError({ status: 0, code: 'network' }))
  await signOut()
  expect(session.get()).toEqual({ status: 'out', why: 'signed-out' })
  expect(sessionStorage.length).toBe(0)
})

test('a session that ran out leaves the drafts to their owner, and to nobody else', async () => {
  await begin(login)
  const draft = privateKey('draft.reply.x')
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

const elsewhere = { ...(me as object), companyId: 'second', tenant: { id: 'second', language: 'en' } } as never

test('in another firm nothing of the one before is seen, it waits there, and the desk waits until it is there', async () => {
  await begin(login)
  const draft = privateKey('draft.reply.x')
  sessionStorage.setItem(draft, 'rascunho')
  vi.spyOn(auth, 'goOver').mockResolvedValue({ ...(login as object), token: 'two', user: elsewhere } as never)
  const seen: string[] = []
  const stop = session.subscribe(() => seen.push(session.get().status))
  vi.spyOn(auth, 'me').mockResolvedValue(elsewhere)
  await goOver('second')
  stop()
  expect(new Set(seen)).toEqual(new Set(['restoring', 'in']))
  expect(session.get()).toEqual({ status: 'in', me: elsewhere })
  expect(sessionStorage.getItem(privateKey('draft.reply.x'))).toBeNull()

  vi.spyOn(auth, 'goOver').mockResolvedValue(login)
  vi.spyOn(auth, 'me').mockResolvedValue(me)
  await goOver('first')
  expect(privateKey('draft.reply.x')).toBe(draft)
  expect(sessionStorage.getItem(draft)).toBe('rascunho')
  vi.spyOn(auth, 'logout').mockResolvedValue(undefined)
  await signOut()
  expect(sessionStorage.length).toBe(0)
})

test('an invitation into another firm is a going over, too', async () => {
  await begin(login)
  const draft = privateKey('draft.reply.x')
  sessionStorage.setItem(draft, 'rascunho')
  cache.put('queue', { id: 'q', rev: 1 } as never)
  vi.spyOn(auth, 'me').mockResolvedValue(elsewhere)
  await begin({ ...(login as object), token: 'two', user: elsewhere } as never)
  expect(session.get()).toEqual({ status: 'in', me: elsewhere })
  expect(cache.all('queue')).toEqual([])
  expect(sessionStorage.getItem(draft)).toBe('rascunho')
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
  ['the other firm was switched off', new ApiError({ status: 403, code: 'forbidden' }), { status: 'out', why: 'expired' }],
  ['the box is a new one', new ApiError({ status: 503, code: 'setup_required' }), { status: 'out', why: 'signed-out' }],
])('on the way to another firm: %s', async (_, error, expected) => {
  await begin(login)
  vi.spyOn(auth, 'goOver').mockResolvedValue({ ...(login as object), user: elsewhere } as never)
  vi.spyOn(auth, 'me').mockRejectedValue(error)
  await goOver('second')
  expect(session.get()).toEqual(expected)
})

/** Goes over to the other firm while a call of the first waits for its answer. */
async function goOverDuring(call: () => Promise<unknown>, late: () => Response): Promise<{ error: unknown; asked: [string, string | undefined][] }> {
  await begin(login)
  const asked: [string, string | undefined][] = []
  let arrive: (response: Response) => void = () => {}
  vi.spyOn(globalThis, 'fetch').mockImplementation((url, init) => {
    asked.push([String(url), (init!.headers as Record<string, string>).authorization])
    return new Promise((done) => (arrive = done))
  })
  const outcome = call().then(() => null, (error: unknown) => error)
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  vi.spyOn(auth, 'goOver').mockResolvedValue({ ...(login as object), token: 'two', user: elsewhere } as never)
  vi.spyOn(auth, 'me').mockResolvedValue(elsewhere)
  await goOver('second')
  arrive(late())
  return { error: await outcome, asked }
}

test.each([
  ['refused', () => Response.json({ code: 'token_expired', status: 401 }, { status: 401 })],
  ['done', () => Response.json({ id: 'x' }, { headers: { 'x-farol-seq': '900' } })],
])('what was asked in one firm and is %s late is neither asked in the next nor told there', async (_, late) => {
  const refresh = vi.spyOn(auth, 'refresh')
  const saw = vi.spyOn(socket, 'saw')
  for (const call of [() => post('/conversations/7/resolve'), () => get('/users')]) {
    const { error, asked } = await goOverDuring(call, late)
    expect(hasLeft(error)).toBe(true)
    expect(asked.map(([, token]) => token)).toEqual(['Bearer one'])
    expect(session.get()).toEqual({ status: 'in', me: elsewhere })
    await signOutQuietly()
  }
  expect(refresh).not.toHaveBeenCalled()
  expect(saw).not.toHaveBeenCalled()
})

async function signOutQuietly(): Promise<void> {
  vi.spyOn(auth, 'logout').mockResolvedValue(undefined)
  await signOut()
  localStorage.clear()
  vi.spyOn(auth, 'me').mockResolvedValue(me)
}

test('a file that went up for one firm does not go up once more for the next', async () => {
  await begin(login)
  const sent: string[] = []
  let arrive: () => void = () => {}
  class Line {
    status = 401
    responseText = '{"code":"token_expired","status":401}'
    upload = {}
    onload: () => void = () => {}
    onloadend: () => void = () => {}
    open() {}
    setRequestHeader(name: string, value: string) {
      if (name === 'authorization') sent.push(value)
    }
    getResponseHeader() {
      return null
    }
    send() {
      arrive = () => {
        this.onload()
        this.onloadend()
      }
    }
  }
  vi.stubGlobal('XMLHttpRequest', Line)
  const outcome = upload('/messages/send-media', new FormData()).then(() => null, (error: unknown) => error)
  vi.spyOn(auth, 'goOver').mockResolvedValue({ ...(login as object), token: 'two', user: elsewhere } as never)
  vi.spyOn(auth, 'me').mockResolvedValue(elsewhere)
  await goOver('second')
  arrive()
  expect(hasLeft(await outcome)).toBe(true)
  expect(sent).toEqual(['Bearer one'])
  vi.unstubAllGlobals()
})

test('a renewal that was under way when its person went over leaves the other firm’s token alone', async () => {
  await begin(login)
  let renewed: (answer: never) => void = () => {}
  vi.spyOn(auth, 'refresh').mockImplementation(() => new Promise((done) => (renewed = done)))
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (_, init) => {
    const token = (init!.headers as Record<string, string>).authorization
    return token === 'Bearer two' ? Response.json({ fine: true }) : Response.json({ code: 'token_expired', status: 401 }, { status: 401 })
  })
  const outcome = get('/a').then(() => null, (error: unknown) => error)
  await vi.waitFor(() => expect(auth.refresh).toHaveBeenCalled())
  vi.spyOn(auth, 'goOver').mockResolvedValue({ ...(login as object), token: 'two', user: elsewhere } as never)
  vi.spyOn(auth, 'me').mockResolvedValue(elsewhere)
  await goOver('second')
  renewed({ ...(login as object), token: 'three' } as never)
  expect(hasLeft(await outcome)).toBe(true)
  expect(await get('/b')).toEqual({ fine: true })
})

test.each([
  ['/inbox/all/1?message=2', '/inbox/all/1?message=2'],
  ['https://evil.example.com', '/inbox/mine'],
  ['//evil.example.com', '/inbox/mine'],
  ['/\\evil.example.com', '/inbox/mine'],
  [undefined, '/inbox/mine'],
])('after sign-in %s leads to %s', (given, expected) => expect(ownPath(given)).toBe(expected))
