import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { channels as channelCalls, templates } from '@/api/calls'
import { cache, useRecords } from '@/api/cache'
import type { Channel, Template } from '@/api/types'
import { queryClient } from '@/app/query'
import { socket } from '@/app/socket'
import { taken } from './list'

const KEY = ['templates', 'all']

/** All templates of the firm, kept by frames while somebody looks: each brings its template whole. */
export function useTemplates() {
  useEffect(
    () =>
      socket.listen((frame) => {
        const [noun, verb] = frame.type.split('.')
        if (noun === 'template' && verb && frame.data) keep(verb, frame.data as Template)
      }),
    [],
  )
  return useQuery({ queryKey: KEY, queryFn: () => templates.all(), staleTime: 0 })
}

/** Takes a newer copy, or the end of one, into the list. */
export function keep(verb: string, template: Template): void {
  queryClient.setQueryData<Template[]>(KEY, (all) => all && taken(all, verb, template))
}

/** Channels that have templates. */
export function useTemplateChannels(): Channel[] {
  useQuery({
    queryKey: ['directory', 'channels'],
    queryFn: async () => {
      cache.putAll('channel', await channelCalls.all())
      return true
    },
  })
  return useRecords('channel').filter((channel) => channel.kind === 'whatsapp_cloud').sort((a, b) => Number(b.isDefault) - Number(a.isDefault) || a.number - b.number)
}
