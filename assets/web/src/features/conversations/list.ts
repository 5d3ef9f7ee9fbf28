import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { cache, useRecords } from '@/api/cache'
import { conversations } from '@/api/calls'
import type { Conversation, ConversationFilter } from '@/api/types'
import { useMe } from '@/app/session'

/** Does a conversation belong in this list? The server's tabs, said again here so that events move rows at once. */
export function belongs(conversation: Conversation, filter: ConversationFilter, me: string): boolean {
  if (filter.queueId && conversation.queueId !== filter.queueId) return false
  if (filter.channelId && conversation.channelId !== filter.channelId) return false
  const live = conversation.status === 'OPEN' || conversation.status === 'ASSIGNED'
  switch (filter.tab) {
    case 'mine':
      return live && conversation.assignedTo === me
    case 'unassigned':
      return live && !conversation.assignedTo
    case 'all':
      return live
    case 'resolved':
      return conversation.status === 'RESOLVED'
  }
}

/** Newest first; ids decide between equals, as they do on the server. */
export function byRecency(a: Conversation, b: Conversation): number {
  if (a.lastMessageAt !== b.lastMessageAt) return a.lastMessageAt < b.lastMessageAt ? 1 : -1
  return a.id < b.id ? 1 : -1
}

/**
 * One list of the inbox. Pages bring records into the cache; what is shown is worked out from the cache, so an
 * event moves, adds or removes a row without asking again. Rows older than the last loaded page stay out: the
 * server may know others between them.
 */
export function useConversationList(filter: ConversationFilter) {
  const me = useMe()
  const query = useInfiniteQuery({
    queryKey: ['conversations', filter.tab, filter.queueId ?? '', filter.channelId ?? ''],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const page = await conversations.list(filter, pageParam, signal)
      cache.putAll('conversation', page.items)
      const last = page.items.at(-1)
      return { last: last ? last.lastMessageAt : null, nextCursor: page.nextCursor }
    },
    getNextPageParam: (page) => page.nextCursor,
  })
  const known = useRecords('conversation')
  const lastPage = query.data?.pages.at(-1)
  const frontier = lastPage?.nextCursor ? lastPage.last : null
  const { tab, queueId, channelId } = filter
  const items = useMemo(
    () =>
      known
        .filter((conversation) => belongs(conversation, { tab, queueId, channelId }, me.id) && (frontier === null || conversation.lastMessageAt >= frontier))
        .sort(byRecency),
    [known, tab, queueId, channelId, me.id, frontier],
  )
  return { ...query, items }
}
