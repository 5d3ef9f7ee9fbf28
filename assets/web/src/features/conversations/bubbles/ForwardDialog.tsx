import { useQuery, keepPreviousData } from '@tanstack/react-query'
import { useState } from 'react'
import { cache, useRecord } from '@/api/cache'
import { conversations } from '@/api/calls'
import type { Conversation } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { useDebounced } from '@/lib/debounce'
import { uuidv7 } from '@/lib/uuid'
import { Avatar } from '@/ui/avatar'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Notice, Skeleton } from '@/ui/feedback'
import { Input } from '@/ui/field'
import { CheckIcon, PassOnIcon } from '@/ui/icons'
import { customerName, previewWords } from '../words'
import { forward } from './acts'
import type { Shown } from './contract'
import { closeOver } from './over'

/** WhatsApp itself passes on to so many chats at once. */
const CHOSEN_MAX = 5
const REST_MS = 220

/** To whom a message is passed on. */
export function ForwardDialog({ message }: { message: Shown }) {
  const t = useT()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [busy, setBusy] = useState(false)
  // A second press of the button is the same deed.
  const [clientId] = useState(uuidv7)
  const asked = useDebounced(text.trim(), REST_MS)
  const query = useQuery({
    queryKey: ['forward', asked],
    queryFn: async ({ signal }) => {
      const page = asked.length > 1 ? await conversations.search(asked, null, signal) : await conversations.list({ tab: 'all' }, null, signal)
      cache.putAll('conversation', page.items)
      return page.items.map((one) => one.id)
    },
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  })
  const ids = [...chosen.filter((id) => !query.data?.includes(id)), ...(query.data ?? [])].filter((id) => id !== message.conversationId)
  const toggle = (id: string) => setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : now.length < CHOSEN_MAX ? [...now, id] : now))
  const send = async () => {
    setBusy(true)
    if (await forward(message, [...chosen], clientId)) closeOver()
    else setBusy(false)
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && closeOver()}
      title={t('forward.title')}
      description={<span className="truncate-2">{previewWords(message.type, message.content, message.media?.isVoice)}</span>}
      closeLabel={t('action.close')}
      high
      footer={
        <>
          <span className="mr-auto self-center text-xs text-text-3">{t('forward.chosen', { count: chosen.length, max: CHOSEN_MAX })}</span>
          <Button kind="primary" icon={<PassOnIcon size={16} />} busy={busy} disabled={chosen.length === 0} onClick={() => void send()}>{t('forward.send')}</Button>
        </>
      }
    >
      <Input type="search" value={text} onChange={(event) => setText(event.target.value)} aria-label={t('forward.search')} placeholder={t('forward.search')} className="mb-2 w-full" />
      {query.isPending && <Skeleton className="h-40" shape="box" />}
      {query.error && <Notice tone="bad">{errorWords(query.error)}</Notice>}
      {query.isSuccess && ids.length === 0 && <p className="py-6 text-center text-sm text-text-3">{t('forward.none')}</p>}
      <ul aria-label={t('forward.title')} className="-mx-2 flex max-h-[45vh] min-h-40 flex-col overflow-y-auto">
        {ids.map((id) => <Choice key={id} id={id} kind={message.type === 'TEXT' ? 'text' : 'media'} chosen={chosen.includes(id)} full={chosen.length >= CHOSEN_MAX} onToggle={() => toggle(id)} />)}
      </ul>
    </Dialog>
  )
}

function Choice({ id, kind, chosen, full, onToggle }: { id: string; kind: 'text' | 'media'; chosen: boolean; full: boolean; onToggle: () => void }) {
  const t = useT()
  const conversation = useRecord('conversation', id)
  const channel = useRecord('channel', conversation?.channelId)
  if (!conversation) return null
  const why = whyNot(conversation, kind)
  const name = customerName(conversation)
  return (
    <li>
      <button type="button" role="checkbox" aria-checked={chosen} disabled={!!why || (full && !chosen)} onClick={onToggle} className="flex min-h-12 w-full items-center gap-3 rounded-md px-2 py-1 text-left -outline-offset-2 hover:bg-hover disabled:opacity-55 disabled:hover:bg-transparent">
        <Avatar name={name} id={conversation.contact?.id} src={conversation.contact?.avatarUrl} size="sm" />
        <span className="min-w-0 flex-1">
          <span className="block truncate text-sm font-medium">{name}</span>
          <span className="block truncate text-xs text-text-3">{why ? t(why) : [channel?.name, `#${conversation.number}`].filter(Boolean).join(' · ')}</span>
        </span>
        <span aria-hidden="true" className={cx('grid size-5 shrink-0 place-items-center rounded-full border', chosen ? 'border-transparent bg-primary text-on-primary' : 'border-field-line')}>{chosen && <CheckIcon size={13} />}</span>
      </button>
    </li>
  )
}

/** Why nothing can be passed on there now. */
function whyNot(conversation: Conversation, kind: 'text' | 'media') {
  if (conversation.status === 'RESOLVED' || conversation.status === 'ARCHIVED') return 'forward.closed' as const
  if (conversation.contact?.isBlocked) return 'forward.blocked' as const
  const { kinds, kindsAfter, until } = conversation.sendWindow
  const open = until && Date.parse(until) <= Date.now() ? kindsAfter : kinds
  return open.includes(kind) ? null : ('forward.window' as const)
}
