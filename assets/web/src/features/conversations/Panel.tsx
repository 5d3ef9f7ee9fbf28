import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { cache, useRecord, useThread } from '@/api/cache'
import { contacts } from '@/api/calls'
import type { Conversation, Priority } from '@/api/types'
import { shortcutOf } from '@/app/commands'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { go } from '@/app/router'
import { can, useMe } from '@/app/session'
import { Avatar } from '@/ui/avatar'
import { Button, IconButton } from '@/ui/button'
import { Skeleton } from '@/ui/feedback'
import { ArchiveIcon, CheckIcon, CloseIcon, CopyIcon, ReopenIcon, TransferIcon, UserIcon, UserPlusIcon } from '@/ui/icons'
import { Select } from '@/ui/select'
import { Badge, Overline } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { archive, reopen, resolve, setPriority, take } from './actions'
import { senderOf } from './Thread'
import { customerName, customerPhone, previewWords } from './words'

interface Props {
  conversationId: string
  width?: number
  onClose: () => void
  onAssign: () => void
  onTransfer: () => void
}

const PRIORITIES: readonly Priority[] = ['LOW', 'NORMAL', 'HIGH', 'URGENT']

/** Who this is, where the conversation stands, and what was before. */
export function Panel({ conversationId, width, onClose, onAssign, onTransfer }: Props) {
  const t = useT()
  const conversation = useRecord('conversation', conversationId)
  return (
    <aside aria-label={t('panel.title')} className="flex shrink-0 flex-col overflow-y-auto bg-surface max-sm:w-full" style={width ? { width } : undefined}>
      <header className="flex h-13 shrink-0 items-center justify-between border-b border-line pr-2.5 pl-4">
        <h2 className="text-base font-semibold">{t('panel.title')}</h2>
        <IconButton label={t('panel.hide')} shortcut={shortcutOf('conversation.panel')} onClick={onClose}><CloseIcon size={16} /></IconButton>
      </header>
      {conversation ? <Body conversation={conversation} onAssign={onAssign} onTransfer={onTransfer} /> : <Skeleton className="m-4 h-40" />}
    </aside>
  )
}

function Body({ conversation, onAssign, onTransfer }: { conversation: Conversation; onAssign: () => void; onTransfer: () => void }) {
  const t = useT()
  const format = useFormat()
  const me = useMe()
  const queue = useRecord('queue', conversation.queueId)
  const channel = useRecord('channel', conversation.channelId)
  const assignee = useRecord('user', conversation.assignedTo)
  const name = customerName(conversation)
  const phone = customerPhone(conversation)
  const live = conversation.status === 'OPEN' || conversation.status === 'ASSIGNED'
  return (
    <div className="flex flex-col">
      <section className="flex flex-col items-center gap-1 px-4 pt-5 pb-4 text-center">
        <Avatar name={name} id={conversation.contact?.id} size="lg" />
        <p className="mt-2 text-lg font-semibold text-balance">{name}</p>
        {phone && <CopyLine text={phone} />}
        {conversation.contact?.isBlocked && <Badge tone="bad">{t('panel.blocked')}</Badge>}
      </section>
      <section className="grid grid-cols-2 gap-2 px-4 pb-4">
        {live && can('conversation.assign') && (
          <>
            {conversation.assignedTo !== me.id && <Button size="sm" kind={conversation.assignedTo ? 'plain' : 'primary'} icon={<UserPlusIcon size={15} />} onClick={() => void take(conversation.id)}>{t('command.take')}</Button>}
            <Button size="sm" icon={<UserIcon size={15} />} onClick={onAssign}>{t('conversation.assign')}</Button>
            <Button size="sm" icon={<TransferIcon size={15} />} onClick={onTransfer}>{t('conversation.transfer')}</Button>
          </>
        )}
        {live && can('conversation.resolve') && <Button size="sm" icon={<CheckIcon size={15} />} onClick={() => void resolve(conversation.id)}>{t('command.resolve')}</Button>}
        {conversation.status === 'RESOLVED' && can('conversation.resolve') && <Button size="sm" icon={<ReopenIcon size={15} />} onClick={() => void reopen(conversation.id)}>{t('command.reopen')}</Button>}
        {conversation.status === 'RESOLVED' && can('conversation.archive') && <Button size="sm" icon={<ArchiveIcon size={15} />} onClick={() => void archive(conversation.id)}>{t('command.archive')}</Button>}
      </section>
      <Group title={t('inbox.conversation')}>
        <Fact label={t('panel.status')}><Badge tone={conversation.status === 'RESOLVED' ? 'good' : conversation.status === 'OPEN' ? 'accent' : 'neutral'}>{t(`conversationStatus.${conversation.status}`)}</Badge></Fact>
        <Fact label={t('word.department')}>{queue?.name ?? t('panel.none')}</Fact>
        <Fact label={t('word.agent')}>{conversation.assignedTo === me.id ? t('word.you') : assignee?.name ?? (conversation.assignedTo ? t('conversation.someoneElse') : t('conversation.nobody'))}</Fact>
        <Fact label={t('panel.priority')}>
          {live && can('conversation.assign') ? (
            <Select quiet label={t('panel.priority')} value={conversation.priority} onChange={(priority) => void setPriority(conversation.id, priority)} options={PRIORITIES.map((value) => ({ value, label: t(`priority.${value}`) }))} className="-mr-2 text-sm!" />
          ) : (
            t(`priority.${conversation.priority}`)
          )}
        </Fact>
        <Fact label={t('word.channel')}>{channel?.name ?? t('panel.none')}</Fact>
        <Fact label={t('panel.protocol')}><span className="tabular text-xs break-all">{conversation.protocol}</span></Fact>
        <Fact label={t('panel.since')}>{format.full(conversation.createdAt)}</Fact>
        {conversation.resolvedAt && !live && <Fact label={t('panel.resolvedAt')}>{format.full(conversation.resolvedAt)}</Fact>}
      </Group>
      <Identities conversation={conversation} />
      <Notes conversation={conversation} />
      <Previous conversation={conversation} />
    </div>
  )
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-t border-line px-4 py-4">
      <Overline className="mb-2">{title}</Overline>
      {children}
    </section>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-h-7 items-center justify-between gap-4 text-sm">
      <span className="shrink-0 text-text-3">{label}</span>
      <span className="min-w-0 text-right break-words">{children}</span>
    </div>
  )
}

function CopyLine({ text }: { text: string }) {
  const t = useT()
  // On plain http the browser keeps the clipboard to itself; then it is only words.
  if (!window.isSecureContext) return <span className="tabular text-sm text-text-2">{text}</span>
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    toast(t('action.copied'))
  }
  return (
    <button type="button" onClick={() => void copy()} aria-label={`${t('action.copy')} ${text}`} className="tabular inline-flex min-h-6 items-center gap-1.5 rounded-md px-1.5 text-sm text-text-2 hover:bg-hover">
      {text}
      <CopyIcon size={13} className="text-text-3" />
    </button>
  )
}

function Identities({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const id = conversation.contact?.id
  const query = useQuery({
    queryKey: ['contact', id],
    enabled: !!id && can('contact.read'),
    queryFn: async () => {
      cache.put('contact', await contacts.get(id))
      return true
    },
  })
  const contact = useRecord('contact', id)
  if (!can('contact.read')) return null
  return (
    <Group title={t('panel.identities')}>
      {contact ? (
        <ul className="flex flex-col gap-1.5">
          {contact.identities.map((identity) => (
            <li key={identity.id} className="flex items-baseline justify-between gap-3 text-sm">
              <span className="text-text-3">{wordsFor('identityKind', identity.kind, 'identityKind.other')}</span>
              <span className="tabular min-w-0 text-right break-all">{identity.value}</span>
            </li>
          ))}
          {contact.email && !contact.identities.some((one) => one.kind === 'email') && (
            <li className="flex items-baseline justify-between gap-3 text-sm">
              <span className="text-text-3">{t('identityKind.email')}</span>
              <span className="min-w-0 text-right break-all">{contact.email}</span>
            </li>
          )}
          {contact.identities.length === 0 && !contact.email && <li className="text-sm text-text-3">{t('panel.none')}</li>}
        </ul>
      ) : (
        query.isPending && <Skeleton className="h-5" />
      )}
    </Group>
  )
}

function Notes({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const format = useFormat()
  const notes = useThread(conversation.id).filter((message) => message.isPrivate)
  return (
    <Group title={t('panel.notes')}>
      {notes.length === 0 ? (
        <p className="text-sm text-text-3">{t('panel.noNotes')}</p>
      ) : (
        <ul className="flex flex-col gap-2">
          {notes.map((note) => (
            <li key={note.id} className="rounded-md border border-dashed border-note-line bg-note px-2.5 py-2 text-sm text-note-text">
              <p className="break-words whitespace-pre-wrap">{note.content}</p>
              <p className="mt-1 text-2xs opacity-80">{senderOf(note.senderId, note.senderName)} · {format.brief(note.createdAt)}</p>
            </li>
          ))}
        </ul>
      )}
    </Group>
  )
}

function Previous({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const format = useFormat()
  const id = conversation.contact?.id
  const query = useQuery({ queryKey: ['contact-conversations', id, conversation.id], enabled: !!id && can('contact.read'), queryFn: () => contacts.conversations(id) })
  const others = (query.data?.items ?? []).filter((one) => one.id !== conversation.id)
  if (!can('contact.read')) return null
  return (
    <Group title={t('panel.previous')}>
      {query.isPending ? (
        <Skeleton className="h-10" />
      ) : others.length === 0 ? (
        <p className="text-sm text-text-3">{t('panel.noPrevious')}</p>
      ) : (
        <ul className="-mx-2 flex flex-col">
          {others.map((one) => (
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
    </Group>
  )
}
