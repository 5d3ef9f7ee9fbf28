import { cache } from '@/api/cache'
import type { Message } from '@/api/types'
import { createStore, useStore } from '@/lib/store'
import { uuidv7 } from '@/lib/uuid'
import type { DraftKind } from '../drafts'

/** A file that waits in the composer to be sent. Files live in memory: a browser gives none back after a reload. */
export interface Attached {
  id: string
  file: File
  caption: string
  /** Arrives as a file to be saved, not as a picture or film. */
  asDocument: boolean
  /** Shows it here, where there is something to see. */
  url: string
}

/** What the composer of one conversation is at, besides the words. */
export interface Work {
  /** The message that is answered. */
  replyTo?: string
  /** The message whose words are changed. */
  editing?: string
  files: readonly Attached[]
}

/** What somebody outside wants of the composer. */
export type Ask = { focus: DraftKind } | { insert: string } | { edit: string }

const NOTHING: Work = { files: [] }
const works = createStore<Readonly<Record<string, Work>>>({})
const askers = new Map<string, (ask: Ask) => void>()

export const useWork = (conversationId: string): Work => useStore(works, (all) => all[conversationId] ?? NOTHING)
export const workOf = (conversationId: string): Work => works.get()[conversationId] ?? NOTHING

/** The next message of this conversation quotes `message`. For the menu on a message. */
export function startReply(message: Pick<Message, 'id' | 'conversationId'>): void {
  change(message.conversationId, { replyTo: message.id, editing: undefined })
  ask(message.conversationId, { focus: 'reply' })
}

/** Puts the words of `message` into the composer to be changed; what was being written there comes back afterwards. */
export function startEdit(message: Pick<Message, 'id' | 'conversationId' | 'content'>): void {
  change(message.conversationId, { editing: message.id, replyTo: undefined })
  ask(message.conversationId, { edit: message.content ?? '' })
}

/** Adds words to what is being written. */
export function insertWords(conversationId: string, text: string): void {
  ask(conversationId, { insert: text })
}

export function focusComposer(conversationId: string, kind: DraftKind = 'reply'): void {
  ask(conversationId, { focus: kind })
}

export const stopReply = (conversationId: string): void => change(conversationId, { replyTo: undefined })
export const stopEdit = (conversationId: string): void => change(conversationId, { editing: undefined })

/** Lays files into the tray above the words. */
export function attach(conversationId: string, files: Iterable<File>, captions: { caption?: string; asDocument?: boolean } = {}): void {
  const added = [...files].map((file): Attached => ({ id: uuidv7(), file, caption: captions.caption ?? '', asDocument: captions.asDocument ?? false, url: URL.createObjectURL(file) }))
  if (added.length === 0) return
  change(conversationId, { files: [...workOf(conversationId).files, ...added], editing: undefined })
}

export function changeAttached(conversationId: string, id: string, patch: Partial<Pick<Attached, 'caption' | 'asDocument'>>): void {
  change(conversationId, { files: workOf(conversationId).files.map((one) => (one.id === id ? { ...one, ...patch } : one)) })
}

/** Takes files out of the tray: all of them, or one. */
export function detach(conversationId: string, id?: string): readonly Attached[] {
  const { files } = workOf(conversationId)
  const gone = files.filter((one) => id === undefined || one.id === id)
  change(conversationId, { files: files.filter((one) => !gone.includes(one)) })
  for (const one of gone) URL.revokeObjectURL(one.url)
  return gone
}

/** The composer of a conversation is on screen and does what it is asked. Returns how to stop. */
export function answerAsks(conversationId: string, answer: (ask: Ask) => void): () => void {
  askers.set(conversationId, answer)
  return () => {
    if (askers.get(conversationId) === answer) askers.delete(conversationId)
  }
}

/** The message being answered or changed, when it is known here. */
export const quotedOf = (work: Work): Message | undefined => cache.get('message', work.editing ?? work.replyTo)

function ask(conversationId: string, what: Ask): void {
  askers.get(conversationId)?.(what)
}

function change(conversationId: string, patch: Partial<Work>): void {
  const next = { ...workOf(conversationId), ...patch }
  works.set((all) => {
    const { [conversationId]: _, ...rest } = all
    return next.files.length > 0 || next.replyTo || next.editing ? { ...rest, [conversationId]: next } : rest
  })
}

/** Of firms its person is not in at the moment. */
const shelves = new Map<string, Readonly<Record<string, Work>>>()

/** Puts everything aside for `whose`, to be taken up again. */
export function shelveWork(whose: string): void {
  shelves.set(whose, works.get())
  works.set({})
}

export function takeUpWork(whose: string): void {
  works.set(shelves.get(whose) ?? {})
  shelves.delete(whose)
}

/** How many files wait in the trays. */
export const filesInTrays = (): number => Object.values(works.get()).reduce((sum, work) => sum + work.files.length, 0)

/** Forgets everything: somebody else is here. */
export function forgetWork(): void {
  for (const all of [works.get(), ...shelves.values()]) for (const work of Object.values(all)) for (const one of work.files) URL.revokeObjectURL(one.url)
  shelves.clear()
  works.set({})
}
