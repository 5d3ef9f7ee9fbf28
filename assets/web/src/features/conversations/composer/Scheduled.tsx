import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { messages } from '@/api/calls'
import type { Conversation, Message } from '@/api/types'
import { useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { can } from '@/app/session'
import { socket } from '@/app/socket'
import { ClockIcon, DownIcon } from '@/ui/icons'

const ScheduledList = lazy(() => import('./ScheduledList'))

/** What is still to go out in this conversation, if anything; unfolds into the list. */
export function Scheduled({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const [open, setOpen] = useState(false)
  const { id } = conversation
  const key = ['scheduled', id]
  const { data } = useQuery({ queryKey: key, enabled: can('conversation.reply'), retry: false, queryFn: async () => (await messages.scheduled(id)).items })
  useEffect(() =>
    socket.listen((frame) => {
      if (!frame.type.startsWith('message.')) return
      const message = (frame.data as { message?: Message } | undefined)?.message
      const isOurs = message?.conversationId === id && (!!message.scheduledFor || data?.some((one) => one.id === message.id))
      if (isOurs || (frame.type === 'message.deleted' && data?.length)) void queryClient.invalidateQueries({ queryKey: ['scheduled', id] })
    }), [id, data])
  if (!data?.length) {
    // The next one begins folded.
    if (open && data) setOpen(false)
    return null
  }
  return (
    <section aria-label={t('composer.scheduled')} className="mx-auto mb-1.5 max-w-[49rem] overflow-hidden rounded-lg border border-line bg-surface text-sm shadow-xs dark:bg-raised">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex min-h-8 w-full items-center gap-2 px-3 text-left text-xs font-medium text-text-2 hover:bg-hover max-sm:min-h-11 max-sm:text-sm">
        <ClockIcon size={14} className="text-accent-text" />
        <span className="flex-1">{t('composer.scheduled.count', { count: data.length })}</span>
        <DownIcon size={14} className={open ? 'rotate-180 transition-transform' : 'transition-transform'} />
      </button>
      {open && <Suspense><ScheduledList conversation={conversation} items={data} /></Suspense>}
    </section>
  )
}
