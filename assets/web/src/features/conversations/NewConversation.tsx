import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { cache, useRecords } from '@/api/cache'
import { channels, contacts, conversations } from '@/api/calls'
import type { Contact } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useT } from '@/app/i18n'
import { go } from '@/app/go'
import { can } from '@/app/session'
import { useDebounced } from '@/lib/debounce'
import { phoneWords } from '@/lib/phone'
import { useStore } from '@/lib/store'
import { Avatar } from '@/ui/avatar'
import { Dialog } from '@/ui/dialog'
import { Notice, Skeleton } from '@/ui/feedback'
import { Input } from '@/ui/field'
import { PhoneIcon } from '@/ui/icons'
import { Select } from '@/ui/select'
import { dialled } from './dialled'
import { starting } from './starting'

const REST_MS = 220

/** Writing first: somebody the firm knows, or a number; over the usual channel or another one. */
export default function NewConversation() {
  const asked = useStore(starting)
  return asked && <Start given={asked.contact} onClose={() => starting.set(null)} />
}

function Start({ given, onClose }: { given?: Contact; onClose: () => void }) {
  const t = useT()
  const [text, setText] = useState(given ? phoneWords(given.phoneNumber ?? given.name) : '')
  const [channelId, setChannelId] = useState('')
  const asked = useDebounced(text.trim(), REST_MS)
  const usable = useRecords('channel').filter((channel) => channel.status !== 'DISABLED')
  const usual = useQuery({ queryKey: ['usual-channel'], enabled: can('channel.read') && usable.length > 1, retry: false, queryFn: async () => (await channels.usual()).channelId })
  const over = channelId || usual.data || usable[0]?.id || ''
  const known = useQuery({
    queryKey: ['start', asked],
    enabled: can('contact.read') && asked !== '',
    queryFn: async ({ signal }) => (await contacts.search(asked, null, signal)).items.filter((one) => !one.isGroup),
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  })
  const start = useMutation({
    mutationFn: (to: { contactId: string } | { phoneNumber: string }) => conversations.start({ ...to, ...(usable.length > 1 && { channelId: over }) }),
    onSuccess: (conversation) => {
      cache.put('conversation', conversation)
      onClose()
      go(`/inbox/all/${conversation.id}`)
    },
  })
  const hits = asked === '' ? [] : (known.data ?? [])
  const number = dialled(text)
  const isKnown = number !== null && hits.some((one) => one.phoneNumber === number)
  return (
    <Dialog open high sheet onOpenChange={(open) => !open && onClose()} title={t('start.title')} description={t('start.hint')} closeLabel={t('action.close')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (number) start.mutate({ phoneNumber: number })
        }}
      >
        <Input type="search" autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} aria-label={t('start.find')} placeholder={t('start.find')} className="w-full" />
      </form>
      {usable.length > 1 && (
        <div className="mt-2 flex items-center justify-end gap-1 text-xs text-text-3">
          {t('start.channel')}
          <Select quiet label={t('word.channel')} value={over} onChange={setChannelId} options={usable.map((channel) => ({ value: channel.id, label: channel.name }))} />
        </div>
      )}
      {start.error && <Notice tone="bad" role="alert" className="mt-2">{errorWords(start.error)}</Notice>}
      {known.error && <Notice tone="bad" className="mt-2">{errorWords(known.error)}</Notice>}
      <ul aria-label={t('start.hits')} aria-busy={start.isPending} className="-mx-2 mt-2 flex max-h-[45vh] min-h-24 flex-col overflow-y-auto">
        {number && !isKnown && (
          <Choice face={<span className="inline-flex size-7 items-center justify-center rounded-full bg-sunken text-text-3"><PhoneIcon size={15} /></span>} name={t('start.number', { number: phoneWords(number) })} aside={t('start.newNumber')} disabled={start.isPending} onPick={() => start.mutate({ phoneNumber: number })} />
        )}
        {hits.map((one) => {
          const name = phoneWords(one.name)
          return <Choice key={one.id} face={<Avatar name={name} id={one.id} src={one.avatarUrl} size="sm" />} name={name} aside={one.phoneNumber ? phoneWords(one.phoneNumber) : t('start.noNumber')} disabled={!one.phoneNumber || start.isPending} onPick={() => start.mutate({ contactId: one.id })} />
        })}
        {known.isLoading && <li><Skeleton className="m-2 h-9" /></li>}
        {asked !== '' && !number && known.isSuccess && hits.length === 0 && <li className="px-2 py-6 text-center text-sm text-text-3">{t('start.nobody')}</li>}
      </ul>
    </Dialog>
  )
}

function Choice({ face, name, aside, disabled, onPick }: { face: ReactNode; name: string; aside: string; disabled: boolean; onPick: () => void }) {
  return (
    <li>
      <button type="button" disabled={disabled} onClick={onPick} className="flex min-h-12 w-full items-center gap-3 rounded-md px-2 py-1 text-left -outline-offset-2 hover:bg-hover disabled:opacity-55 disabled:hover:bg-transparent">
        {face}
        <span className="min-w-0 flex-1">
          <span className="block truncate text-sm font-medium">{name}</span>
          <span className="tabular block truncate text-xs text-text-3">{aside}</span>
        </span>
      </button>
    </li>
  )
}
