import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Page } from '@/api/types'

/** So many of each kind the search brings by itself. */
export const FIRST = 20

/** What came first, then what was asked for on top, each once. */
export function joined<T>(first: readonly T[], pages: readonly (readonly T[])[], idOf: (one: T) => string): T[] {
  const known = new Set(first.map(idOf))
  const more = pages.flat().filter((one) => !known.has(idOf(one)) && known.add(idOf(one)))
  return [...first, ...more]
}

/** The hits of one kind: the first come with the search, the rest when somebody wants to see them. */
export function useMore<T>(kind: string, asked: string, first: readonly T[], idOf: (one: T) => string, read: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>) {
  const [wanted, setWanted] = useState<string | null>(null)
  const isWanted = wanted === asked
  const query = useInfiniteQuery({
    queryKey: ['search', asked, kind],
    enabled: isWanted,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 15_000,
  })
  const pages = isWanted ? (query.data?.pages ?? []) : []
  return {
    items: joined(first, pages.map((page) => page.items), idOf),
    hasMore: isWanted && query.data ? query.hasNextPage : first.length >= FIRST,
    busy: isWanted && query.isFetching,
    error: isWanted ? query.error : null,
    more() {
      if (!isWanted) setWanted(asked)
      else if (query.data) void query.fetchNextPage()
      else void query.refetch()
    },
  }
}
