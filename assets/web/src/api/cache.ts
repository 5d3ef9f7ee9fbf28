import { useMemo, useSyncExternalStore } from 'react'
import type { Channel, Contact, Conversation, Entity, Message, Queue, User } from './types'

/** Every kind of record the desk keeps, by its name in event types. */
export interface Kinds {
  conversation: Conversation
  message: Message
  contact: Contact
  queue: Queue
  channel: Channel
  user: User
}
export type Kind = keyof Kinds

/**
 * The one normalised cache: answers and socket frames both feed it, and of two copies the one with the higher
 * `rev` stays. Hints laid over a record show a change at once, until its answer confirms or refuses it.
 */
export class Cache {
  private readonly tables: { [K in Kind]: Map<string, Kinds[K]> } = {
    conversation: new Map(),
    message: new Map(),
    contact: new Map(),
    queue: new Map(),
    channel: new Map(),
    user: new Map(),
  }
  private readonly hints = new Map<string, { token: number; patch: object }[]>()
  private readonly shown = new Map<string, unknown>()
  private readonly messagesOf = new Map<string, Set<string>>()
  private readonly watchers = new Map<string, Set<() => void>>()
  private readonly versions = new Map<string, number>()
  private readonly dirty = new Set<string>()
  private hintToken = 0
  /** When each record was last told of, counted in puts. */
  private readonly told = new Map<string, number>()
  private tellings = 0

  /** Keeps `entity` unless a newer copy is known. */
  put<K extends Kind>(kind: K, entity: Kinds[K]): void {
    const table = this.tables[kind] as Map<string, Kinds[K]>
    this.told.set(`${kind}/${entity.id}`, ++this.tellings)
    const known = table.get(entity.id)
    if (known && known.rev >= entity.rev) return
    table.set(entity.id, entity)
    if (kind === 'message') this.fileMessage(entity as unknown as Message)
    this.changed(kind, entity.id)
  }

  putAll<K extends Kind>(kind: K, entities: readonly Kinds[K][]): void {
    for (const entity of entities) this.put(kind, entity)
  }

  get<K extends Kind>(kind: K, id: string | null | undefined): Kinds[K] | undefined {
    if (!id) return undefined
    const base = (this.tables[kind] as Map<string, Kinds[K]>).get(id)
    const hints = this.hints.get(`${kind}/${id}`)
    if (!base || !hints) return base
    const key = `${kind}/${id}`
    let whole = this.shown.get(key) as Kinds[K] | undefined
    if (!whole) {
      whole = Object.assign({}, base, ...hints.map((hint) => hint.patch)) as Kinds[K]
      this.shown.set(key, whole)
    }
    return whole
  }

  all<K extends Kind>(kind: K): Kinds[K][] {
    return [...this.tables[kind].keys()].map((id) => this.get(kind, id)!)
  }

  messagesIn(conversationId: string): Message[] {
    return [...(this.messagesOf.get(conversationId) ?? [])].map((id) => this.get('message', id)!)
  }

  /** Shows `patch` over a record until the returned function is called. */
  hint<K extends Kind>(kind: K, id: string, patch: Partial<Kinds[K]>): () => void {
    const key = `${kind}/${id}`
    const token = ++this.hintToken
    this.hints.set(key, [...(this.hints.get(key) ?? []), { token, patch }])
    this.changed(kind, id)
    return () => {
      const left = (this.hints.get(key) ?? []).filter((hint) => hint.token !== token)
      if (left.length > 0) this.hints.set(key, left)
      else this.hints.delete(key)
      this.changed(kind, id)
    }
  }

  /** Forgets a record that was deleted or left the viewer's sight. */
  remove(id: string, only?: Kind): void {
    for (const kind of (only ? [only] : Object.keys(this.tables)) as Kind[]) {
      const entity = this.tables[kind].get(id)
      if (!entity) continue
      this.tables[kind].delete(id)
      this.told.delete(`${kind}/${id}`)
      if (kind === 'message') this.messagesOf.get((entity as Message).conversationId)?.delete(id)
      if (kind === 'conversation') {
        this.forgetMessages(id)
        this.bump(`thread/${id}`)
      }
      this.changed(kind, id, entity)
    }
  }

  /** Now, for `sweep`. */
  mark(): number {
    return this.tellings
  }

  /** Forgets every record that nobody told of since `mark`. */
  sweep(mark: number): void {
    for (const kind of Object.keys(this.tables) as Kind[]) {
      for (const id of this.tables[kind].keys()) if ((this.told.get(`${kind}/${id}`) ?? 0) <= mark) this.remove(id, kind)
    }
  }

  /** Forgets the messages of a conversation; the conversation itself stays. */
  removeThread(conversationId: string): void {
    this.forgetMessages(conversationId)
    this.bump(`thread/${conversationId}`)
    this.flush()
  }

  /** Forgets everything: another person signed in, or the store behind the server is another one. */
  clear(): void {
    for (const kind of Object.keys(this.tables) as Kind[]) {
      this.tables[kind].clear()
      this.bump(`${kind}/`)
    }
    this.hints.clear()
    this.told.clear()
    this.shown.clear()
    this.messagesOf.clear()
    for (const key of this.watchers.keys()) this.bump(key)
    this.flush()
  }

  version(key: string): number {
    return this.versions.get(key) ?? 0
  }

  watch(key: string, listener: () => void): () => void {
    const set = this.watchers.get(key) ?? new Set()
    this.watchers.set(key, set.add(listener))
    return () => {
      set.delete(listener)
      if (set.size === 0) this.watchers.delete(key)
    }
  }

  private forgetMessages(conversationId: string): void {
    for (const id of this.messagesOf.get(conversationId) ?? []) {
      this.tables.message.delete(id)
      this.told.delete(`message/${id}`)
    }
    this.messagesOf.delete(conversationId)
  }

  private fileMessage(message: Message): void {
    const set = this.messagesOf.get(message.conversationId) ?? new Set()
    this.messagesOf.set(message.conversationId, set.add(message.id))
  }

  private changed(kind: Kind, id: string, entity: Entity | undefined = this.tables[kind].get(id)): void {
    this.shown.delete(`${kind}/${id}`)
    this.bump(`${kind}/${id}`)
    this.bump(`${kind}/`)
    if (kind === 'message' && entity) this.bump(`thread/${(entity as Message).conversationId}`)
    if (this.dirty.size > 0) queueMicrotask(() => this.flush())
  }

  private bump(key: string): void {
    this.versions.set(key, (this.versions.get(key) ?? 0) + 1)
    this.dirty.add(key)
  }

  /** Tells the watchers once for all changes of one turn: a page of fifty records is one render. */
  private flush(): void {
    const keys = [...this.dirty]
    this.dirty.clear()
    const told = new Set<() => void>()
    for (const key of keys) for (const listener of this.watchers.get(key) ?? []) told.add(listener)
    for (const listener of told) listener()
  }
}

export const cache = new Cache()

function useVersion(key: string): number {
  return useSyncExternalStore(
    (listener) => cache.watch(key, listener),
    () => cache.version(key),
  )
}

/** One record as it is now, or undefined while it isn't known. */
export function useRecord<K extends Kind>(kind: K, id: string | null | undefined): Kinds[K] | undefined {
  useVersion(`${kind}/${id ?? '-'}`)
  return cache.get(kind, id)
}

/** All known records of a kind. */
export function useRecords<K extends Kind>(kind: K): Kinds[K][] {
  const version = useVersion(`${kind}/`)
  // oxlint-disable-next-line react/exhaustive-deps -- the version stands for the table's content
  return useMemo(() => cache.all(kind), [kind, version])
}

/** All known messages of a conversation, oldest first. */
export function useThread(conversationId: string): Message[] {
  const version = useVersion(`thread/${conversationId}`)
  return useMemo(
    () => cache.messagesIn(conversationId).sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.arrival - b.arrival)),
    // oxlint-disable-next-line react/exhaustive-deps -- the version stands for the table's content
    [conversationId, version],
  )
}
