import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useThread } from '@/api/cache'
import { conversations } from '@/api/calls'
import type { Message } from '@/api/types'

/** Pages of two hundred notes that are read; nobody writes more about one conversation. */
const PAGES_MAX = 5

/** All notes of a conversation, also those further back than the thread is loaded, newest first. */
export function useNotes(conversationId: string) {
  const query = useQuery({ queryKey: ['notes', conversationId], queryFn: ({ signal }) => readAll(conversationId, signal) })
  const thread = useThread(conversationId)
  const notes = useMemo(() => joinNotes(query.data ?? [], thread), [query.data, thread])
  return { notes, isPending: query.isPending, error: query.error, refetch: query.refetch }
}

async function readAll(conversationId: string, signal: AbortSignal): Promise<Message[]> {
  const notes: Message[] = []
  let cursor: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await conversations.notes(conversationId, cursor, signal)
    notes.push(...answer.items)
    cursor = answer.nextCursor ?? null
    if (!cursor) break
  }
  return notes
}

/** What was read, and what frames and one's own pen brought since; of two copies the newer one. */
export function joinNotes(read: readonly Message[], thread: readonly Message[]): Message[] {
  const byId = new Map(read.map((note) => [note.id, note]))
  for (const message of thread) {
    const known = byId.get(message.id)
    if (message.isPrivate && (!known || known.rev < message.rev)) byId.set(message.id, message)
  }
  return [...byId.values()].sort((a, b) => (a.createdAt === b.createdAt ? b.arrival - a.arrival : a.createdAt < b.createdAt ? 1 : -1))
}
