import { auth } from '@/api/calls'
import { cache } from '@/api/cache'
import { ApiError, hasLeft, lendCredentials } from '@/api/client'
import type { LoginAnswer, Me } from '@/api/types'
import { withLock } from '@/lib/lock'
import { createStore, useStore } from '@/lib/store'
import { go } from './go'
import { queryClient } from './query'
import { socket } from './socket'

/**
 * Who is signed in. The access token lives here, in memory, and nowhere else; the refresh token is an HttpOnly
 * cookie that this code never sees.
 */
export type Session =
  | { status: 'restoring' }
  | { status: 'out'; why?: 'expired' | 'signed-out' }
  | { status: 'in'; me: Me }
  | { status: 'unreachable' }

export const session = createStore<Session>({ status: 'restoring' })

let accessToken: string | null = null
let renewing: Promise<boolean> | null = null
let sequence = 0
let generation = 0

/** Rises whenever somebody leaves, be it for another firm. What was asked in an older one says nothing to this one. */
export const sessionGeneration = (): number => generation

/** Says that a cookie may be there, so that a first visit asks the server for nothing. Holds no secret. */
const HINT = 'farol.session'
/** Everything a sign-out wipes from this tab's storage begins so, followed by whose it is: a person's, in one firm. */
const PRIVATE_PREFIX = 'farol.private.'
/** When somebody last signed out on purpose in any tab, in ms since 1970. */
const LEFT = 'farol.left'

let enteredAt = 0
let owner = ''
session.subscribe(() => {
  const now = session.get()
  if (now.status === 'in') owner = `${now.me.id}/${now.me.tenant?.id ?? now.me.companyId ?? ''}`
  else if (now.status === 'out' && now.why === 'signed-out') owner = ''
})

/**
 * Where this tab keeps something that is nobody else's business. It waits there while its owner is in another firm, and
 * when the session ran out; signing out on purpose wipes it, and so does somebody else who signs in.
 */
export const privateKey = (name: string): string => `${PRIVATE_PREFIX}${owner}.${name}`

// Signing out means leaving this browser, whichever tab it was said in.
addEventListener('storage', (event) => {
  if (event.key === LEFT && event.newValue !== null && session.get().status === 'in') end('signed-out')
})

lendCredentials({
  token: () => accessToken,
  renew,
  generation: sessionGeneration,
  sawSequence: (seq) => {
    sequence = Math.max(sequence, seq)
    socket.saw(seq)
  },
})

export function useSession(): Session {
  return useStore(session)
}

/** The signed-in person. Only below the guard of signed-in screens. */
export function useMe(): Me {
  const now = useStore(session)
  if (now.status !== 'in') throw new Error('used outside the signed-in screens')
  return now.me
}

export function me(): Me | null {
  const now = session.get()
  return now.status === 'in' ? now.me : null
}

/** May the signed-in person do this, at whatever reach? Screens hide what is refused; the server decides. */
export function can(permission: string): boolean {
  const held = me()?.permissions
  return held !== undefined && (permission in held || '*' in held)
}

/** Comes back after a reload without asking anybody. */
export async function restore(): Promise<void> {
  if (localStorage.getItem(HINT) === null) {
    session.set({ status: 'out' })
    return
  }
  session.set({ status: 'restoring' })
  await reach(async () => {
    if (await renew(null)) await enter()
  })
}

/** Comes in, or says why not: the session is over, or nobody answers. */
async function reach(comeIn: () => Promise<void>): Promise<void> {
  const before = generation
  try {
    await comeIn()
  } catch (error) {
    // Whoever ended it meanwhile has said so.
    if (before !== generation) return
    if (isOver(error)) endBy(error)
    else session.set({ status: 'unreachable' })
  }
}

/** Takes the answer of sign-in, set-up or an accepted invitation. */
export async function begin(answer: LoginAnswer): Promise<void> {
  const before = me()
  // By an invitation somebody else may come in where one is signed in, or the same person in another firm.
  if (before && before.id !== answer.user.id) end('signed-out')
  else if (before && before.companyId !== answer.user.companyId) return comeIn(answer)
  accessToken = answer.token
  localStorage.setItem(HINT, '1')
  await enter()
}

/** Goes over to another firm one belongs to. What was not sent in the one before waits there, unseen, and the desk is there again when the other's is. */
export async function goOver(companyId: string): Promise<void> {
  try {
    await comeIn(await auth.goOver(companyId))
  } catch (error) {
    // A renewal on the way brought the news first, and this tab has followed it.
    if (!hasLeft(error)) throw error
  }
}

export async function signIn(email: string, password: string): Promise<void> {
  await begin(await auth.login({ email, password }))
}

export async function signOut(): Promise<void> {
  // First, so that no other tab takes the end of the session for an accident.
  localStorage.setItem(LEFT, String(Date.now()))
  try {
    await auth.logout()
  } catch {
    // Signing out here must work without the server; the session ends there by its age.
  }
  end('signed-out')
}

/** Reads the signed-in person again: rights, name or company changed. */
export async function refreshMe(): Promise<void> {
  const current = session.get()
  if (current.status !== 'in') return
  session.set({ status: 'in', me: await auth.me() })
}

/** The same person in another firm. */
async function comeIn(answer: LoginAnswer): Promise<void> {
  end('over')
  session.set({ status: 'restoring' })
  // What the address names is the other firm's.
  go('/inbox/mine', true)
  await reach(() => begin(answer))
}

/** Shows what the signed-in person just chose, before the server has it. */
export function assumeMe(change: Partial<Me>): void {
  session.set((now) => (now.status === 'in' ? { ...now, me: { ...now.me, ...change } } : now))
}

async function enter(): Promise<void> {
  const person = await auth.me()
  wipe(`${PRIVATE_PREFIX}${person.id}/`)
  enteredAt = Date.now()
  session.set({ status: 'in', me: person })
  socket.open({ token: () => accessToken, renew: () => renew(accessToken), after: sequence })
}

/** Wipes what is private in this tab, but for what begins with `spared`. */
function wipe(spared?: string): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PRIVATE_PREFIX) && !(spared && key.startsWith(spared))) sessionStorage.removeItem(key)
  }
}

function end(cause: 'expired' | 'signed-out' | 'over'): void {
  // A tab that slept through a sign-out elsewhere learns of it by a refusal.
  const why = Number(localStorage.getItem(LEFT) ?? 0) > enteredAt && enteredAt > 0 ? 'signed-out' : cause
  generation += 1
  accessToken = null
  renewing = null
  sequence = 0
  enteredAt = 0
  localStorage.removeItem(HINT)
  if (why === 'signed-out') wipe()
  socket.close()
  session.set(why === 'over' ? { status: 'restoring' } : { status: 'out', why })
  queryClient.clear()
  cache.clear()
}

/** One renewal at a time in this tab and, where the browser can, across tabs. */
function renew(spent: string | null): Promise<boolean> {
  // Another call renewed while this one was on its way.
  if (spent !== null && accessToken !== null && spent !== accessToken) return Promise.resolve(true)
  if (renewing) return renewing
  const mine = withLock('farol.refresh', renewOnce).finally(() => {
    if (renewing === mine) renewing = null
  })
  renewing = mine
  return mine
}

async function renewOnce(): Promise<boolean> {
  const before = generation
  try {
    const answer = await auth.refresh()
    // Somebody left meanwhile: this token is not for whoever is here now.
    if (before !== generation) return false
    const now = me()
    if (now && now.id !== answer.user.id) {
      // Somebody else signed in meanwhile in another tab: this one has nothing to show them.
      end('signed-out')
      return false
    }
    if (now && now.companyId !== answer.user.companyId) {
      // They went over to another firm in another tab: this one follows, and what it asked for was the other firm's.
      void comeIn(answer)
      return false
    }
    accessToken = answer.token
    localStorage.setItem(HINT, '1')
    return true
  } catch (error) {
    if (before !== generation) return false
    if (isOver(error)) {
      endBy(error)
      return false
    }
    throw error
  }
}

const endBy = (error: ApiError): void => end(error.code === 'setup_required' ? 'signed-out' : 'expired')

/** Did the server say that this session is no more? A new box in place of the old one knows nobody at all. */
function isOver(error: unknown): error is ApiError {
  if (!(error instanceof ApiError)) return false
  return error.code === 'setup_required' || (error.status >= 400 && error.status < 500 && error.status !== 429)
}
