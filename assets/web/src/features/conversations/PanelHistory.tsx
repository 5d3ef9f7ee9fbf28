import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { useRecords } from '@/api/cache'
import { contacts, conversations } from '@/api/calls'
import type { Assignment, Conversation } from '@/api/types'
import { shortcutOf } from '@/app/commands'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { go } from '@/app/go'
import { can, useMe } from '@/app/session'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'
import { Kbd } from '@/ui/text'
import { useNotes } from './notes'
import { Group } from './PanelParts'
import { senderOf } from './sender'
import { Rich } from './bubbles/Rich'
import { previewWords } from './words'

/** Entries shown before one asks for the rest. */
const FEW = 4

/** Part of a list, with a button for the rest of it. */
function useFew<T>(all: readonly T[]): { shown: readonly T[]; more: ReactNode } {
  const t = useT()
  const [whole, setWhole] = useState(false)
  const hidden = whole ? 0 : Math.max(0, all.length - FEW)
  return {
    shown: hidden > 0 ? all.slice(0, FEW) : all,
    more: hidden > 0 && <Button size="sm" kind="quiet" className="mt-1.5 -ml-2.5" onClick={() => setWhole(true)}>{t('panel.showAll', { count: all.length })}</Button>,
  }
}

/** What colleagues told each other here. */
export function Notes({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const format = useFormat()
  const { notes, isPending, error, refetch } = useNotes(conversation.id)
  const { shown, more } = useFew(notes)
  return (
    <Group title={t('panel.notes')}>
      {error && <Failed error={error} onRetry={() => void refetch()} />}
      {notes.length === 0 ? (
        isPending ? <Skeleton className="h-10" /> : !error && <NoNotes />
      ) : (
        <ul className="flex flex-col gap-2">
          {shown.map((note) => (
            <li key={note.id} className="rounded-md border border-dashed border-note-line bg-note px-2.5 py-2 text-sm text-note-text">
              <Rich text={note.content} />
              <p className="mt-1 text-2xs opacity-80">{[senderOf(note.senderId, note.senderName), format.stamp(note.createdAt)].filter(Boolean).join(' · ')}</p>
            </li>
          ))}
        </ul>
      )}
      {more}
    </Group>
  )
}

function NoNotes() {
  const t = useT()
  const shortcut = shortcutOf('conversation.note')
  return (
    <p className="flex items-center justify-between gap-3 text-sm text-text-3">
      {t('panel.noNotes')}
      {shortcut && can('conversation.reply') && <Kbd>{shortcut}</Kbd>}
    </p>
  )
}

/** Who attended to this conversation, and when; whoever has it now comes first. */
export function Attended({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const { id, status, assignedTo, assignedAt } = conversation
  const query = useQuery({
    // A new hand, or an end of one, is a new answer.
    queryKey: ['assignments', id, status, assignedTo, assignedAt],
    queryFn: async () => (await conversations.assignments(id)).items.toReversed(),
    placeholderData: keepPreviousData,
  })
  const { shown, more } = useFew(query.data ?? [])
  return (
    <Group title={t('panel.attended')}>
      {query.error && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="h-10" />}
      {query.data?.length === 0 && <p className="text-sm text-text-3">{t('panel.nobodyAttended')}</p>}
      <ol className="flex flex-col gap-2.5">{shown.map((one) => <Stretch key={one.id} one={one} />)}</ol>
      {more}
    </Group>
  )
}

function Stretch({ one }: { one: Assignment }) {
  const t = useT()
  const format = useFormat()
  const me = useMe()
  const users = useRecords('user')
  const queue = useRecords('queue').find((candidate) => candidate.id === one.queueId)
  const name = (id: string | null | undefined) => (id === me.id ? me.name : users.find((user) => user.id === id)?.name)
  const by = one.assignedBy && one.assignedBy !== one.userId ? name(one.assignedBy) : undefined
  const until = one.endedAt && (format.sameDay(one.startedAt, one.endedAt) ? format.time(one.endedAt) : format.stamp(one.endedAt))
  return (
    <li className="flex flex-col text-sm">
      <span className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate font-medium">{name(one.userId) ?? t('conversation.someoneElse')}</span>
        <span className="tabular shrink-0 text-xs text-text-3" title={[one.startedAt, one.endedAt].filter((at) => !!at).map((at) => format.full(at!)).join(' – ')}>
          {until ? `${format.stamp(one.startedAt)} – ${until}` : t('panel.attendsSince', { at: format.stamp(one.startedAt) })}
        </span>
      </span>
      <span className="text-xs text-text-3">{[wordsFor('assignmentReason', one.reason, 'assignmentReason.assigned'), by && t('panel.by', { name: by }), queue?.name].filter(Boolean).join(' · ')}</span>
    </li>
  )
}

/** Other conversations with the same person. */
export function Previous({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const format = useFormat()
  const id = conversation.contact?.id
  const query = useQuery({ queryKey: ['contact-conversations', id, conversation.id], enabled: !!id && can('contact.read'), queryFn: () => contacts.conversations(id) })
  const others = (query.data?.items ?? []).filter((one) => one.id !== conversation.id)
  const { shown, more } = useFew(others)
  if (!can('contact.read')) return null
  return (
    <Group title={t('panel.previous')}>
      {query.error ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Skeleton className="h-10" />
      ) : others.length === 0 ? (
        <p className="text-sm text-text-3">{t('panel.noPrevious')}</p>
      ) : (
        <ul className="-mx-2 flex flex-col">
          {shown.map((one) => (
            <li key={one.id}>
              <button type="button" onClick={() => go(`/inbox/${one.status === 'RESOLVED' ? 'resolved' : 'all'}/${one.id}`)} className="flex w-full flex-col gap-0.5 rounded-md px-2 py-1.5 text-left hover:bg-hover">
                <span className="flex w-full items-baseline justify-between gap-3 text-sm">
                  <span className="tabular font-medium">#{one.number}</span>
                  <span className="text-xs text-text-3">{format.brief(one.lastMessageAt)}</span>
                </span>
                <span className="w-full truncate text-xs text-text-3">{one.lastMessage ? previewWords(one.lastMessage.type, one.lastMessage.preview) : t(`conversationStatus.${one.status}`)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {more}
    </Group>
  )
}

function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useT()
  return <Notice tone="bad" role="alert" className="mb-2" action={<Button size="sm" onClick={onRetry}>{t('action.retry')}</Button>}>{errorWords(error)}</Notice>
}
