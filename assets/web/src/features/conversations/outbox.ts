import { useMemo } from 'react'
import { cache } from '@/api/cache'
import { messages } from '@/api/calls'
import { ApiError } from '@/api/client'
import { PRIVATE_PREFIX, session } from '@/app/session'
import { socket } from '@/app/socket'
import { createStore, useStore } from '@/lib/store'
import { uuidv7 } from '@/lib/uuid'

/**
 * Messages between the key press and the server's answer. Each has an id made here; the server takes the same id
 * twice as the same message, so a lost answer is settled by asking again with it and nothing is ever sent twice.
 */
export interface Pending {
  clientId: string
  conversationId: string
  content: string
  isPrivate: boolean
  replyTo?: string
  createdAt: string
  /** `queued`: waits for one before it or for the network. `unknown`: sent, no answer; will be asked again. */
  state: 'queued' | 'sending' | 'unknown' | 'failed'
  /** Code of the refusal, when failed. */
  code?: string
  attempts: number
}

const KEPT = `${PRIVATE_PREFIX}outbox`
/** Longest wait between two questions about the same message. */
const ASK_AGAIN_MS_MAX = 30_000

const outbox = createStore<readonly Pending[]>([])
const timers = new Map<string, ReturnType<typeof setTimeout>>()

export function usePending(conversationId: string): readonly Pending[] {
  const all = useStore(outbox)
  return useMemo(() => all.filter((one) => one.conversationId === conversationId), [all, conversationId])
}

/** Shows the message at once and sees to it that it reaches the server exactly once. */
export function send(message: { conversationId: string; content: string; isPrivate: boolean; replyTo?: string }): void {
  const pending: Pending = { ...message, clientId: uuidv7(), createdAt: new Date().toISOString(), state: 'queued', attempts: 0 }
  keep([...outbox.get(), pending])
  pump(message.conversationId)
}

/** After a refusal: the same message, the same id. */
export function retry(clientId: string): void {
  const pending = outbox.get().find((one) => one.clientId === clientId)
  if (!pending) return
  change(clientId, { state: 'queued', code: undefined })
  pump(pending.conversationId)
}

/** Takes a refused message out of the thread and hands its words back. */
export function withdraw(clientId: string): string | null {
  const pending = outbox.get().find((one) => one.clientId === clientId)
  if (!pending || pending.state !== 'failed') return null
  keep(outbox.get().filter((one) => one.clientId !== clientId))
  return pending.content
}

/** One message of a conversation at a time, in the order they were written. */
function pump(conversationId: string): void {
  const waiting = outbox.get().filter((one) => one.conversationId === conversationId && one.state !== 'failed')
  const next = waiting[0]
  if (!next || next.state === 'sending' || timers.has(next.clientId)) return
  if (navigator.onLine === false) return
  void deliver(next)
}

async function deliver(pending: Pending): Promise<void> {
  const { clientId, conversationId, content, isPrivate, replyTo } = pending
  change(clientId, { state: 'sending', attempts: pending.attempts + 1 })
  try {
    const message = await messages.send({ conversationId, content, clientId, isPrivate, replyTo })
    // What is kept in the tab is asked about when its owner is back.
    if (session.get().status !== 'in') return
    cache.put('message', message)
    keep(outbox.get().filter((one) => one.clientId !== clientId))
  } catch (error) {
    if (session.get().status !== 'in') return
    const refused = error instanceof ApiError && !error.unknownOutcome && error.status !== 429
    if (refused) {
      change(clientId, { state: 'failed', code: error.code })
    } else {
      change(clientId, { state: 'unknown' })
      const wait = error instanceof ApiError && error.retryAfter ? error.retryAfter * 1000 : Math.min(ASK_AGAIN_MS_MAX, 1000 * 2 ** pending.attempts)
      timers.set(clientId, setTimeout(() => {
        timers.delete(clientId)
        pump(conversationId)
      }, wait))
      return
    }
  }
  pump(conversationId)
}

function change(clientId: string, patch: Partial<Pending>): void {
  keep(outbox.get().map((one) => (one.clientId === clientId ? { ...one, ...patch } : one)))
}

function keep(next: readonly Pending[]): void {
  outbox.set(next)
  if (next.length === 0) sessionStorage.removeItem(KEPT)
  else sessionStorage.setItem(KEPT, JSON.stringify(next))
}

/** Asks at once about everything whose fate is unknown: the line is back. */
function wake(): void {
  for (const timer of timers.values()) clearTimeout(timer)
  timers.clear()
  for (const conversation of new Set(outbox.get().map((one) => one.conversationId))) pump(conversation)
}

socket.link.subscribe(() => {
  if (socket.link.get() === 'connected') wake()
})
addEventListener('online', wake)

/** A reload or a session that ran out in the middle of sending loses nothing: what had no answer is asked about again. */
function bringBack(): void {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]') as Pending[]
    if (kept.length === 0) return
    outbox.set(kept.map((one) => (one.state === 'sending' ? { ...one, state: 'unknown' } : one)))
    wake()
  } catch {
    sessionStorage.removeItem(KEPT)
  }
}

/** Follows the session: its owner's messages wait in this tab, whichever screen is open. Called once, at start. */
export function followSession(): void {
  let inside = false
  const look = () => {
    const { status } = session.get()
    if ((status === 'in') === inside) return
    inside = status === 'in'
    if (inside) return bringBack()
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
    outbox.set([])
  }
  session.subscribe(look)
  look()
}
