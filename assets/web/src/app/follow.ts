import { cache, type Kind, type Kinds } from '@/api/cache'
import type { Contact, Conversation, Message } from '@/api/types'
import { askAboutPeople, queryClient } from './query'
import { refreshMe } from './session'
import { socket, type Frame } from './socket'

/** Nouns of event types whose data is the record itself. */
const RECORDS = new Set<string>(['conversation', 'contact', 'queue', 'channel', 'user'])
/** Counters are asked for again at most this often while events pour in. */
const COUNTERS_MS = 700

/** Feeds the cache from the socket. Called once, at start. */
export function followEvents(): void {
  socket.listen(take)
  // A thread nobody looked at for a while is dropped with its messages: a shift of eight hours must not grow.
  queryClient.getQueryCache().subscribe((event) => {
    const [name, id] = event.query.queryKey as [string, string]
    if (event.type === 'removed' && name === 'thread') cache.removeThread(id)
  })
}

function take(frame: Frame): void {
  if (frame.type === 'gone') {
    const id = frame.id ?? (frame.data as { id?: string } | undefined)?.id
    if (id) cache.remove(id)
    return
  }
  // Of another store the revisions say nothing about ours.
  if (frame.type === 'epoch') cache.clear()
  if (frame.type === 'resync' || frame.type === 'epoch') {
    void refreshMe().catch(() => undefined)
    void askAnew()
    return
  }
  const [noun, verb] = frame.type.split('.') as [string, string | undefined]
  if (frame.type === 'contact.merged') {
    const { id, contact } = frame.data as { id: string; contact: Contact }
    cache.remove(id, 'contact')
    cache.put('contact', contact)
    askAboutPeople()
  } else if (frame.type === 'contact.suggested') {
    void queryClient.invalidateQueries({ queryKey: ['contact-suggestions'] })
  } else if (noun === 'message') {
    const data = frame.data as { message?: Message; conversation?: Conversation } | undefined
    if (data?.conversation) cache.put('conversation', data.conversation)
    if (data?.message && threadIsKept(data.message.conversationId)) cache.put('message', data.message)
    countersSoon()
  } else if (RECORDS.has(noun) && frame.data) {
    const record = frame.data as Kinds[Kind]
    if (verb === 'deleted') cache.remove(record.id, noun as Kind)
    else cache.put(noun as Kind, record)
    if (verb === 'unmerged') askAboutPeople()
    if (noun === 'conversation') countersSoon()
  } else if (verb) {
    // Rooms with lists of their own (dead letters, jobs) name their queries after the noun.
    void queryClient.invalidateQueries({ queryKey: [noun] })
    // Zone, country and name of the firm are known from the signed-in person.
    if (noun === 'tenant') void refreshMe().catch(() => undefined)
  }
}

let asking = 0

/**
 * Frames were lost: everything on screen is asked for again. What no answer brought meanwhile may have been deleted or
 * have left one's sight, and goes; other screens ask for theirs when they open.
 */
async function askAnew(): Promise<void> {
  const turn = ++asking
  const before = cache.mark()
  await queryClient.invalidateQueries()
  const open = queryClient.getQueryCache().findAll({ type: 'active' })
  // Without an answer nothing is known: the rows stay until there is one.
  const answered = open.every(({ state }) => state.status !== 'error' && !state.isInvalidated)
  if (turn === asking && answered) cache.sweep(before)
}

/** Messages of threads nobody opened stay out: the conversation's last message is enough for the list. */
function threadIsKept(conversationId: string): boolean {
  return queryClient.getQueryCache().find({ queryKey: ['thread', conversationId] }) !== undefined
}

let countersTimer: ReturnType<typeof setTimeout> | undefined
function countersSoon(): void {
  countersTimer ??= setTimeout(() => {
    countersTimer = undefined
    void queryClient.invalidateQueries({ queryKey: ['counters'] })
  }, COUNTERS_MS)
}
