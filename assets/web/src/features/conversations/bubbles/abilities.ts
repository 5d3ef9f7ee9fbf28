import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { cache, useRecord } from '@/api/cache'
import { channels } from '@/api/calls'
import { can } from '@/app/session'

/** What a channel carries, as it says itself; null while that is not known. The same set while it says the same. */
export function useCan(channelId: string): ReadonlySet<string> | null {
  const known = (useRecord('channel', channelId) as { can?: string[] } | undefined)?.can
  useQuery({
    queryKey: ['channel', channelId, 'can'],
    enabled: !known && can('channel.read'),
    queryFn: async () => {
      cache.put('channel', await channels.get(channelId))
      return true
    },
  })
  const words = known?.join(' ')
  return useMemo(() => (words === undefined ? null : new Set(words.split(' '))), [words])
}
