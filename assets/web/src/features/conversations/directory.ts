import { useQuery } from '@tanstack/react-query'
import { cache } from '@/api/cache'
import { channels, queues, users } from '@/api/calls'
import { can } from '@/app/session'

/** Brings people, queues and channels into the cache: rows and bubbles name them by id. */
export function useDirectory(): void {
  useQuery({
    queryKey: ['directory', 'users'],
    enabled: can('user.read'),
    queryFn: async () => {
      cache.putAll('user', (await users.list()).items)
      return true
    },
  })
  useQuery({
    queryKey: ['directory', 'queues'],
    enabled: can('queue.read'),
    queryFn: async () => {
      cache.putAll('queue', (await queues.list()).items)
      return true
    },
  })
  useQuery({
    queryKey: ['directory', 'channels'],
    enabled: can('channel.read'),
    queryFn: async () => {
      cache.putAll('channel', (await channels.list()).items)
      return true
    },
  })
}
