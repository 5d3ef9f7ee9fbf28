import { memo } from 'react'
import { useRecord } from '@/api/cache'
import type { Conversation, LastMessage } from '@/api/types'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { usePreferences } from '@/app/preferences'
import { cx } from '@/lib/cx'
import { phoneWords } from '@/lib/phone'
import { Avatar } from '@/ui/avatar'
import { BlockIcon, FlagIcon, NoteIcon, ReplyIcon, UsersIcon } from '@/ui/icons'
import { Count } from '@/ui/text'
import { KindIcon } from './bubbles/KindIcon'
import { useTyping, type Typist } from './bubbles/typing'
import { hasDraft } from './drafts'
import { StatusTick } from './StatusTick'
import { customerName, previewWords } from './words'

interface Props {
  conversation: Conversation
  href: string
  open: boolean
  selected: boolean
  showAssignee: boolean
  onOpen: (id: string) => void
}

/** One conversation in the list. */
export const Row = memo(function Row({ conversation, href, open, selected, showAssignee, onOpen }: Props) {
  const t = useT()
  const format = useFormat()
  const { density } = usePreferences()
  const queue = useRecord('queue', conversation.queueId)
  const assignee = useRecord('user', showAssignee ? conversation.assignedTo : null)
  const name = customerName(conversation)
  const unread = conversation.unread > 0
  const last = conversation.lastMessage
  const draft = !open && hasDraft(conversation.id)
  const isGroup = conversation.contact?.isGroup ?? false
  const typist = useTyping(conversation.id).find((one) => !one.isColleague)
  return (
    <a
      href={href}
      aria-current={open ? 'true' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        onOpen(conversation.id)
      }}
      className={cx(
        'group relative flex h-full items-center gap-3 border-b border-line pr-3.5 pl-4 -outline-offset-2 transition-colors',
        open ? 'bg-selected' : selected ? 'bg-hover' : 'hover:bg-hover',
      )}
    >
      {(open || selected) && <span aria-hidden="true" className={cx('absolute inset-y-0 left-0 w-[3px]', open ? 'bg-lamp' : 'bg-line-strong')} />}
      <Avatar name={name} id={conversation.contact?.id} src={conversation.contact?.avatarUrl} size={density === 'compact' ? 'sm' : 'md'} />
      <span className="flex min-w-0 flex-1 flex-col gap-0.5 compact:gap-0">
        <span className="flex items-baseline gap-2">
          <span className={cx('flex min-w-0 flex-1 items-center gap-1.5 text-base', unread ? 'font-semibold' : 'font-medium')}>
            <span className="truncate">{name}</span>
            {isGroup && <UsersIcon size={14} role="img" aria-hidden={false} aria-label={t('group.word')} className="shrink-0 text-text-3" />}
          </span>
          {(conversation.priority === 'HIGH' || conversation.priority === 'URGENT') && (
            <FlagIcon size={13} role="img" aria-hidden={false} aria-label={t(`priority.${conversation.priority}`)} className={cx('shrink-0 self-center', conversation.priority === 'URGENT' ? 'text-bad' : 'text-accent-text')} />
          )}
          <time dateTime={conversation.lastMessageAt} className={cx('tabular shrink-0 text-xs', unread ? 'font-semibold text-accent-text' : 'text-text-3')}>
            {format.brief(conversation.lastMessageAt)}
          </time>
        </span>
        <span className="flex items-center gap-1.5">
          <span className={cx('flex min-w-0 flex-1 items-center gap-1 text-sm', unread ? 'text-text-2' : 'text-text-3')}>
            {draft && <span className="shrink-0 font-medium text-accent-text">{t('inbox.draft')}</span>}
            {typist ? <Writing typist={typist} isGroup={isGroup} /> : last ? <Preview last={last} quiet={draft} /> : <span className="truncate">{t('inbox.noMessages')}</span>}
          </span>
          <Count value={conversation.unread} label={t('nav.unread', { count: conversation.unread })} />
        </span>
        <span className="flex items-center gap-2 text-2xs text-text-3 compact:hidden">
          {queue && (
            <span className="flex min-w-0 items-center gap-1.5">
              <span aria-hidden="true" className="size-1.5 shrink-0 rounded-full" style={{ background: queue.color || 'var(--line-strong)' }} />
              <span className="truncate">{queue.name}</span>
            </span>
          )}
          <span className="flex-1" />
          {showAssignee &&
            (assignee ? (
              <span className="flex min-w-0 items-center gap-1.5">
                <span className="truncate">{assignee.name.split(' ')[0]}</span>
              </span>
            ) : (
              conversation.status === 'OPEN' && !conversation.assignedTo && <span className="truncate text-accent-text">{t('inbox.waiting')}</span>
            ))}
        </span>
      </span>
    </a>
  )
})

function Writing({ typist, isGroup }: { typist: Typist; isGroup: boolean }) {
  const t = useT()
  return <span className="truncate font-medium text-accent-text">{isGroup && typist.name ? t('typing.listNamed', { name: typist.name }) : t('typing.list')}</span>
}

/** The newest message in a line: whose it is, what it is, how it begins. */
function Preview({ last, quiet }: { last: LastMessage; quiet: boolean }) {
  const t = useT()
  const { type, preview, isVoice, isRevoked, author } = last
  const mark = last.isPrivate ? <NoteIcon size={13} className="shrink-0 opacity-70" /> : last.direction === 'OUTBOUND' && (last.status === 'FAILED' ? <StatusTick status="FAILED" size={14} /> : <ReplyIcon size={13} className="shrink-0 opacity-70" />)
  return (
    <>
      {!quiet && mark}
      {author && last.direction === 'INBOUND' && <span className="max-w-[40%] shrink-0 truncate">{phoneWords(author)}:</span>}
      {isRevoked ? <BlockIcon size={13} className="shrink-0 opacity-70" /> : <KindIcon type={type} isVoice={isVoice} />}
      <span className={cx('truncate', isRevoked && 'italic')}>{isRevoked ? t('tombstone.short') : previewWords(type, preview, isVoice)}</span>
    </>
  )
}
