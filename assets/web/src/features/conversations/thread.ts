import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { cache, useThread } from '@/api/cache'
import { conversations } from '@/api/calls'
import type { Message } from '@/api/types'
import { usePending, type Pending } from './outbox'

/** The conversation itself; from the cache at once when a list brought it, from the server otherwise. */
export function useConversationQuery(id: string) {
  return useQuery({
    queryKey: ['conversation', id],
    queryFn: async () => {
      const { messages: _, ...conversation } = await conversations.get(id)
      cache.put('conversation', conversation)
      return conversation.id
    },
    // What a list brought is as good as an answer, and is asked for again with everything else.
    initialData: () => cache.get('conversation', id)?.id,
  })
}

/** What stands in a thread: a stored message, or one that is still on its way to the server. */
export type Item = { key: string; at: string; message: Message; pending?: undefined } | { key: string; at: string; pending: Pending; message?: undefined }

/** The messages of a conversation, fifty at a time from the newest back. */
export function useMessages(conversationId: string) {
  const query = useInfiniteQuery({
    queryKey: ['thread', conversationId],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const page = await conversations.messages(conversationId, pageParam, signal)
      cache.putAll('message', page.messages)
      const oldest = page.messages.reduce<string | null>((found, message) => (found === null || message.createdAt < found ? message.createdAt : found), null)
      return { oldest, nextCursor: page.nextCursor }
    },
    getNextPageParam: (page) => page.nextCursor,
  })
  const stored = useThread(conversationId)
  const pending = usePending(conversationId)
  const lastPage = query.data?.pages.at(-1)
  const frontier = lastPage?.nextCursor ? lastPage.oldest : null
  const items = useMemo(() => merge(stored, pending, frontier), [stored, pending, frontier])
  return { ...query, items }
}

/** Stored messages, then those on their way; a message that arrived is no longer on its way. */
export function merge(stored: readonly Message[], pending: readonly Pending[], frontier: string | null): Item[] {
  const shown = stored.filter((message) => (frontier === null || message.createdAt >= frontier) && !waits(message))
  const arrived = new Set(shown.map((message) => message.clientId))
  return [
    ...shown.map(itemOf),
    ...pending.filter((one) => !arrived.has(one.clientId)).map((one): Item => ({ key: one.clientId, at: one.createdAt, pending: one })),
  ]
}

/** What is to go out later has no place in the thread yet. */
const waits = (message: Message) => message.scheduledFor != null

const items = new WeakMap<Message, Item>()
/** The same object for the same message: what did not change is not drawn again. */
function itemOf(message: Message): Item {
  let item = items.get(message)
  if (!item) items.set(message, (item = { key: message.clientId ?? message.id, at: message.createdAt, message }))
  return item
}
