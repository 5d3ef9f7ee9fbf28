import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { messages } from '@/api/calls'
import { useDebounced } from '@/lib/debounce'

/** Typing rests this long before the server is asked. */
const REST_MS = 220
export const LETTERS_MIN = 2

/** Where one goes from hit `at` of `count` known ones: a place, `more` when the next page has it, round at the ends. */
export function nextHit(at: number, by: 1 | -1, count: number, more: boolean): number | 'more' {
  const next = at + by
  if (next < 0) return count - 1
  if (next < count) return next
  return more ? 'more' : 0
}

/** Searching inside one conversation: what is typed, what was found, and which of it one looks at. Newest first. */
export function useFind(conversationId: string, open: boolean) {
  const [text, setText] = useState('')
  const [place, setPlace] = useState({ asked: '', at: 0 })
  const asked = useDebounced(text.trim(), REST_MS)
  const wanted = open && asked.length >= LETTERS_MIN
  const query = useInfiniteQuery({
    queryKey: ['find', conversationId, asked],
    enabled: wanted,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => messages.search({ query: asked, conversationId, limit: 50, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 15_000,
    placeholderData: keepPreviousData,
  })
  const hits = wanted ? (query.data?.pages.flatMap((page) => page.items.map((hit) => hit.message.id)) ?? []) : []
  const at = place.asked === asked ? Math.min(place.at, Math.max(0, hits.length - 1)) : 0
  const step = (by: 1 | -1) => {
    if (hits.length === 0 || query.isFetchingNextPage) return
    const next = nextHit(at, by, hits.length, query.hasNextPage)
    if (next === 'more') void query.fetchNextPage().then(() => setPlace({ asked, at: at + 1 }))
    else setPlace({ asked, at: next })
  }
  return {
    text,
    setText,
    /** What the thread marks. */
    marked: wanted ? asked : '',
    target: query.isPlaceholderData ? undefined : hits[at],
    at,
    count: hits.length,
    /** Older hits are known to be there. */
    more: wanted && query.hasNextPage,
    busy: wanted && query.isFetching,
    error: wanted ? query.error : null,
    done: wanted && query.isSuccess && !query.isPlaceholderData,
    step,
  }
}
export type Find = ReturnType<typeof useFind>
