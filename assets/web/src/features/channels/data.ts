import { useMutation, useQuery } from '@tanstack/react-query'
import { cache } from '@/api/cache'
import { channels } from '@/api/calls'
import type { Channel, ChannelChange, ChannelFigures } from '@/api/types'
import { errorWords } from '@/app/errors'
import { toast } from '@/ui/toasts'

/** Figures have no frames: they are asked for again while somebody looks. */
const FIGURES_EVERY_MS = 30_000

/**
 * All channels into the cache. What was removed while nobody told us goes. The answer is today's figures by channel,
 * which stand apart from the records: frames don't carry them.
 */
export function useChannelList() {
  return useQuery({
    queryKey: ['channels', 'all'],
    queryFn: async () => {
      const before = cache.all('channel').map((channel) => channel.id)
      const items = await channels.all()
      cache.putAll('channel', items)
      const there = new Set(items.map((channel) => channel.id))
      for (const id of before) if (!there.has(id)) cache.remove(id, 'channel')
      return new Map(items.map(({ id, figures }): [string, ChannelFigures] => [id, figures]))
    },
    staleTime: 0,
    refetchInterval: FIGURES_EVERY_MS,
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
