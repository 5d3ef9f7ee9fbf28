import { useMutation, useQuery } from '@tanstack/react-query'
import { cache } from '@/api/cache'
import { channels } from '@/api/calls'
import type { Channel, ChannelChange } from '@/api/types'
import { errorWords } from '@/app/errors'
import { toast } from '@/ui/toasts'

/** All channels into the cache. What was removed while nobody told us goes. */
export function useChannelList() {
  return useQuery({
    queryKey: ['channels', 'all'],
    queryFn: async () => {
      const before = cache.all('channel').map((channel) => channel.id)
      const items = await channels.all()
      cache.putAll('channel', items)
      const there = new Set(items.map((channel) => channel.id))
      for (const id of before) if (!there.has(id)) cache.remove(id, 'channel')
      return true
    },
  })
}

/** Changes a channel; the answer goes into the cache, `done` says what happened. */
export function useChangeChannel(channel: Channel) {
  return useMutation({
    mutationFn: ({ change }: { change: ChannelChange; done: string }) => channels.update(channel.id, change),
    onSuccess: (answer, { done }) => {
      cache.put('channel', answer)
      toast(done)
    },
    onError: (error) => toast(errorWords(error), { tone: 'bad' }),
  })
}
