import { useQuery } from '@tanstack/react-query'
import { cache } from '@/api/cache'
import { channels, queues, users } from '@/api/calls'
import { can } from '@/app/session'

/** Brings people into the cache; frames keep them. */
export function usePeople() {
  return useQuery({
    queryKey: ['directory', 'users'],
    enabled: can('user.read'),
    queryFn: async () => {
      cache.putAll('user', await users.all())
      return true
    },
  })
}

/** Brings queues into the cache; frames keep them. */
export function useQueues() {
  return useQuery({
    queryKey: ['directory', 'queues'],
    enabled: can('queue.read'),
    queryFn: async () => {
      cache.putAll('queue', await queues.all())
      return true
    },
  })
}

/** Brings people, queues and channels into the cache: rows and bubbles name them by id. */
export function useDirectory(): void {
  usePeople()
  useQueues()
  useQuery({
    queryKey: ['directory', 'channels'],
    enabled: can('channel.read'),
    queryFn: async () => {
      cache.putAll('channel', await channels.all())
      return true
    },
  })
}
