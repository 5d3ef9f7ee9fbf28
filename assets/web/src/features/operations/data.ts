import { useInfiniteQuery } from '@tanstack/react-query'
import { useRecord } from '@/api/cache'
import { deadLetters } from '@/api/calls'
import type { Page } from '@/api/types'
import { t } from '@/app/i18n'

/**
 * A list that grows page by page. Its key begins with the noun of the event types that change it, so a frame
 * makes it ask again; lists without frames say how often they ask by themselves.
 */
export function usePages<T>(key: readonly string[], load: (cursor: string | null) => Promise<Page<T>>, everyMs?: number) {
  return useInfiniteQuery({
    queryKey: key,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => load(pageParam),
    getNextPageParam: (page) => page.nextCursor,
    staleTime: everyMs === undefined ? undefined : 0,
    refetchInterval: everyMs,
  })
}

export const useDeadLetters = (kind: string | undefined) => usePages(['deadletter', 'list', kind ?? ''], (cursor) => deadLetters.list(kind, cursor))

/** Who did something: a person, the console or the house itself. */
export function useWho(id: string | null | undefined): string {
  const user = useRecord('user', id)
  if (id === 'console') return t('who.console')
  if (!id || id === 'system') return t('who.system')
  return user?.name ?? t('who.somebody')
}
