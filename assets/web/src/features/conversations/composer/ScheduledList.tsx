import { useState } from 'react'
import { cache } from '@/api/cache'
import { messages } from '@/api/calls'
import type { Conversation, Message } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { ask } from '@/ui/ask'
import { IconButton } from '@/ui/button'
import { PencilIcon, SendIcon, TrashIcon } from '@/ui/icons'
import { toast } from '@/ui/toasts'
import { senderOf } from '../sender'
import { previewWords } from '../words'
import ScheduleDialog from './ScheduleDialog'

/** Planned messages of a conversation, soonest first: changed, sent at once, or called off. */
export default function ScheduledList({ conversation, items }: { conversation: Conversation; items: readonly Message[] }) {
  const t = useT()
  const format = useFormat()
  const [changing, setChanging] = useState<Message | null>(null)
  const again = () => queryClient.invalidateQueries({ queryKey: ['scheduled', conversation.id] })
  const tried = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      toast(errorWords(error), { tone: 'bad' })
    }
    await again()
  }
  const sendNow = (message: Message) => tried(async () => cache.put('message', await messages.sendScheduledNow(message.id)))
  const callOff = async (message: Message) => {
    const words = previewWords(message.type, message.content)
    if (!(await ask({ title: t('composer.scheduled.cancel'), words: t('composer.scheduled.cancelWords', { words: words.slice(0, 80) }), confirm: t('composer.scheduled.cancel'), danger: true }))) return
    await tried(() => messages.cancelScheduled(message.id))
  }
  return (
    <>
      <ul className="max-h-56 overflow-y-auto border-t border-line">
        {items.map((message) => (
          <li key={message.id} className="flex items-center gap-2 border-t border-line py-1 pr-1.5 pl-3 first:border-t-0">
            <div className="min-w-0 flex-1">
              <p className="truncate">{previewWords(message.type, message.content)}</p>
              <p className="truncate text-xs text-text-3">
                <time dateTime={message.scheduledFor!} className="tabular">{format.stamp(message.scheduledFor!)}</time>
                {' · '}{format.relative(message.scheduledFor!)}
                {message.senderId && <> · {senderOf(message.senderId, message.senderName)}</>}
              </p>
            </div>
            <IconButton size={28} label={t('composer.scheduled.edit')} onClick={() => setChanging(message)}><PencilIcon size={15} /></IconButton>
            <IconButton size={28} label={t('composer.scheduled.now')} onClick={() => void sendNow(message)}><SendIcon size={15} /></IconButton>
            <IconButton size={28} label={t('composer.scheduled.cancel')} onClick={() => void callOff(message)}><TrashIcon size={15} /></IconButton>
          </li>
        ))}
      </ul>
      {changing && <ScheduleDialog conversation={conversation} content={changing.content} files={[]} planned={changing} onScheduled={() => setChanging(null)} onClose={() => setChanging(null)} />}
    </>
  )
}
