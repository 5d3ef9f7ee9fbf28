import { useMemo } from 'react'
import { cache } from '@/api/cache'
import { conversations, messages } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Message } from '@/api/types'
import { privateKey, session, sessionGeneration } from '@/app/session'
import { socket } from '@/app/socket'
import { createStore, useStore } from '@/lib/store'
import { uuidv7 } from '@/lib/uuid'
import type { More } from './composer/contract'
import { attach, filesInTrays, forgetWork, shelveWork, takeUpWork } from './composer/state'

/** What is known of a file on its way; its bytes stay in memory. */
export interface FileFacts {
  name: string
  mime: string
  bytes: number
  isVoice?: boolean
  asDocument?: boolean
  durationMs?: number
}

/**
 * Messages between the key press and the server's answer. Each has an id made here; the server takes the same id
 * twice as the same message, so a lost answer is settled by asking again with it and nothing is ever sent twice.
 */
export interface Pending {
  clientId: string
  conversationId: string
  /** Its words, or the caption of its file. */
  content: string
  isPrivate: boolean
  replyTo?: string
  /** What it consists of beside words. */
  more?: More
  file?: FileFacts
  createdAt: string
  /** `queued`: waits for one before it or for the network. `unknown`: sent, no answer; will be asked again. */
  state: 'queued' | 'sending' | 'unknown' | 'failed'
  /** Code of the refusal, when failed. */
  code?: string
  /** Fields the refusal names. */
  fields?: { field: string; code: string }[]
  attempts: number
}

const KEPT = 'outbox'
/** Longest wait between two questions about the same message. */
const ASK_AGAIN_MS_MAX = 30_000
/** The code of a file that a reload took away. */
export const FILE_GONE = 'file_gone'

const outbox = createStore<readonly Pending[]>([])
const timers = new Map<string, ReturnType<typeof setTimeout>>()
/** Bytes of the files on their way, and how far each got, from 0 to 1. */
const files = new Map<string, { file: File; url: string; upload?: AbortController }>()
const progress = createStore<Readonly<Record<string, number>>>({})

export function usePending(conversationId: string): readonly Pending[] {
  const all = useStore(outbox)
  return useMemo(() => all.filter((one) => one.conversationId === conversationId), [all, conversationId])
}

/** How much of a file has gone up, from 0 to 1. */
export const useProgress = (clientId: string): number => useStore(progress, (all) => all[clientId] ?? 0)

/** Where a file on its way can be looked at, in this tab only; undefined after a reload. */
export const previewOf = (clientId: string): string | undefined => files.get(clientId)?.url

/** How many files of this firm that are not sent are nowhere but in this tab's memory. */
export const filesOnlyHere = (): number => outbox.get().filter(({ clientId }) => files.has(clientId)).length + filesInTrays()

interface NewPending extends Pick<Pending, 'conversationId' | 'content' | 'isPrivate' | 'replyTo' | 'more'> {
  file?: { file: File } & Pick<FileFacts, 'isVoice' | 'asDocument' | 'durationMs'>
}

/** Shows the message at once and sees to it that it reaches the server exactly once. */
export function send({ file, ...message }: NewPending): void {
  const pending: Pending = { ...message, clientId: uuidv7(), createdAt: new Date().toISOString(), state: 'queued', attempts: 0 }
  if (file) {
    const { file: bytes, ...wish } = file
    pending.file = { name: bytes.name, mime: bytes.type, bytes: bytes.size, ...wish }
    files.set(pending.clientId, { file: bytes, url: URL.createObjectURL(bytes) })
  }
  keep([...outbox.get(), pending])
  pump(message.conversationId)
}

/** After a refusal: the same message, the same id. */
export function retry(clientId: string): void {
  const pending = outbox.get().find((one) => one.clientId === clientId)
  if (!pending) return
  change(clientId, { state: 'queued', code: undefined, fields: undefined })
  pump(pending.conversationId)
}

/** Gives a message whose file a reload took away its file back. */
export function giveFile(clientId: string, file: File): void {
  const pending = outbox.get().find((one) => one.clientId === clientId)
  if (!pending?.file) return
  files.set(clientId, { file, url: URL.createObjectURL(file) })
  change(clientId, { file: { ...pending.file, name: file.name, mime: file.type, bytes: file.size } })
  retry(clientId)
}

/** Takes a refused message out of the thread and hands its words back; its file goes back into the tray. */
export function withdraw(clientId: string): string | null {
  const pending = outbox.get().find((one) => one.clientId === clientId)
  if (!pending || pending.state !== 'failed') return null
  const bytes = files.get(clientId)?.file
  drop(clientId)
  if (!bytes || pending.file?.isVoice) return pending.content
  attach(pending.conversationId, [bytes], { caption: pending.content, asDocument: pending.file?.asDocument })
  return ''
}

/** Stops a file on its way up, or takes any unsent message out of the thread. */
export function cancel(clientId: string): void {
  const pending = outbox.get().find((one) => one.clientId === clientId)
  if (!pending) return
  files.get(clientId)?.upload?.abort()
  clearTimeout(timers.get(clientId))
  timers.delete(clientId)
  drop(clientId)
  pump(pending.conversationId)
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
  const { clientId, conversationId } = pending
  const generation = sessionGeneration()
  // What is kept in the tab is asked about when its owner is back; until then others may come and go.
  const left = () => generation !== sessionGeneration() || session.get().status !== 'in'
  change(clientId, { state: 'sending', attempts: pending.attempts + 1 })
  try {
    const message = await (pending.file ? upload(pending) : post(pending))
    if (left()) return
    cache.put('message', message)
    drop(clientId)
  } catch (error) {
    if (left() || !outbox.get().some((one) => one.clientId === clientId)) return
    const refused = error instanceof ApiError && !error.unknownOutcome && error.status !== 429
    if (refused) {
      change(clientId, { state: 'failed', code: error.code, ...(error.fields.length > 0 && { fields: error.fields.map(({ field, code }) => ({ field, code })) }) })
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

function post({ conversationId, content, clientId, isPrivate, replyTo, more }: Pending): Promise<Message> {
  return messages.send({ conversationId, clientId, isPrivate, replyTo, ...bodyOf(content, more) })
}

/** What a message consists of, as it is sent. A template brings its own words; a place or a card has none. */
export function bodyOf(content: string, more?: More) {
  if (!more) return { content }
  const { type, ...parts } = more
  return { content: type === 'INTERACTIVE' || type === 'POLL' ? content : undefined, ...parts }
}

async function upload({ clientId, conversationId, content, replyTo, file }: Pending): Promise<Message> {
  const held = files.get(clientId)
  if (!held || !file) return askFor(conversationId, clientId)
  const controller = new AbortController()
  files.set(clientId, { ...held, upload: controller })
  const tell = (part: number) => progress.set((all) => ({ ...all, [clientId]: part }))
  tell(0)
  return messages.sendMedia({ conversationId, file: held.file, caption: content, clientId, replyTo, isVoice: file.isVoice, asDocument: file.asDocument }, controller.signal, tell)
}

/** After a reload its bytes are gone, but it may have arrived just before. */
async function askFor(conversationId: string, clientId: string): Promise<Message> {
  const page = await conversations.messages(conversationId, null)
  const arrived = page.messages.find((message) => message.clientId === clientId)
  if (!arrived) throw new ApiError({ status: 410, code: FILE_GONE })
  return arrived
}

function change(clientId: string, patch: Partial<Pending>): void {
  keep(outbox.get().map((one) => (one.clientId === clientId ? { ...one, ...patch } : one)))
}

function drop(clientId: string): void {
  keep(outbox.get().filter((one) => one.clientId !== clientId))
  const held = files.get(clientId)
  if (!held) return
  files.delete(clientId)
  // The bubble shows it until the stored message has taken its place.
  setTimeout(() => URL.revokeObjectURL(held.url), 2_000)
  progress.set((all) => Object.fromEntries(Object.entries(all).filter(([id]) => id !== clientId)))
}

function keep(next: readonly Pending[]): void {
  outbox.set(next)
  if (next.length === 0) sessionStorage.removeItem(privateKey(KEPT))
  else sessionStorage.setItem(privateKey(KEPT), JSON.stringify(next))
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
    const kept = JSON.parse(sessionStorage.getItem(privateKey(KEPT)) ?? '[]') as Pending[]
    if (kept.length === 0) return
    outbox.set(kept.map((one) => (one.state === 'sending' ? { ...one, state: 'unknown' } : one)))
    wake()
  } catch {
    sessionStorage.removeItem(privateKey(KEPT))
  }
}

/**
 * Follows the session: its owner's messages wait in this tab, whichever screen is open, and those of one firm while
 * they are in another. Called once, at start.
 */
export function followSession(): void {
  let inside = false
  let person: string | undefined
  let shelf = ''
  const look = () => {
    const now = session.get()
    if (inside && now.status !== 'in') {
      inside = false
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
      for (const { upload: going } of files.values()) going?.abort()
      shelveWork(shelf)
      outbox.set([])
    }
    if (now.status === 'out' && now.why === 'signed-out') forgetFiles()
    if (inside || now.status !== 'in') return
    inside = true
    if (person !== undefined && person !== now.me.id) forgetFiles()
    person = now.me.id
    shelf = privateKey('work')
    takeUpWork(shelf)
    bringBack()
  }
  session.subscribe(look)
  look()
}

function forgetFiles(): void {
  for (const { url } of files.values()) URL.revokeObjectURL(url)
  files.clear()
  progress.set({})
  forgetWork()
}
