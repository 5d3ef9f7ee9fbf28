import { memo, useState, type MouseEvent, type ReactNode } from 'react'
import { cache } from '@/api/cache'
import { messages } from '@/api/calls'
import type { Message, MessageStatus } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { known, useT, wordsFor, type MessageId } from '@/app/i18n'
import { useMe } from '@/app/session'
import { cx } from '@/lib/cx'
import { Linked } from '@/lib/linked'
import { PHONE } from '@/lib/media'
import { Button, IconButton } from '@/ui/button'
import { InfoIcon, LockIcon, ReplyIcon } from '@/ui/icons'
import { toast } from '@/ui/toasts'
import { originOf } from './origin'
import { OnItsWay, PendingLine } from './composer/OnItsWay'
import type { Pending } from './outbox'
import { StatusTick } from './StatusTick'
import { senderOf } from './sender'
import type { Item } from './thread'
import { isShown, previewWords, typeWords } from './words'

interface Props {
  item: Item
  /** What the customer is called. */
  customer: string
  /** Follows another of the same voice closely. */
  joined: boolean
  flash: boolean
  /** Words that are looked for. */
  marked: string
  onDetails: (id: string) => void
  onEdit: (text: string) => void
  onReply: (id: string) => void
}

/** One message. The customer's at the left, the firm's at the right, notes across on their own paper. */
export const Bubble = memo(function Bubble({ item, customer, joined, flash, marked, onDetails, onEdit, onReply }: Props) {
  const t = useT()
  const format = useFormat()
  const me = useMe()
  const { message, pending } = item
  const outbound = pending !== undefined || message.direction === 'OUTBOUND'
  const note = pending?.isPrivate ?? message!.isPrivate
  const senderId = pending ? me.id : message.senderId
  const sender = pending ? me.name : message.isBot ? t('thread.bot') : senderOf(message.senderId, message.senderName)
  const failed = pending?.state === 'failed' || message?.status === 'FAILED'
  const who = note ? (senderId === me.id ? t('thread.noteByYou') : t('thread.noteBy', { name: sender ?? '' })) : !outbound ? customer : senderId === me.id ? t('word.you') : (sender ?? t('thread.firm'))
  const status = outbound && !note ? (pending?.state ?? message!.status) : pending && pending.state !== 'sending' ? pending.state : null
  const spoken = [who, format.full(item.at), status && t(`status.${status}`)].filter(Boolean).join(', ')
  // Where there is no mouse to hover with, a touch of the bubble shows what can be done with it.
  const [picked, setPicked] = useState(false)
  const pick = (event: MouseEvent) => {
    if (!matchMedia(PHONE).matches || (event.target as Element).closest('a, button') || document.getSelection()?.isCollapsed === false) return
    setPicked(!picked)
  }
  const tools = message && (
    <span className="flex opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 max-sm:hidden">
      {!note && <IconButton size={28} label={t('thread.replyTo')} onClick={() => onReply(message.id)}><ReplyIcon size={15} /></IconButton>}
      <IconButton size={28} label={t('thread.details')} onClick={() => onDetails(message.id)}><InfoIcon size={15} /></IconButton>
    </span>
  )
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- the keyboard reaches the tools beside the bubble
    <div role="article" aria-label={spoken} onClick={pick} className={cx('group flex flex-col', outbound ? 'items-end' : 'items-start')}>
      {!joined && outbound && sender && (
        <span className="mb-0.5 flex items-center gap-1 px-1 text-2xs text-text-3">
          {note && <LockIcon size={11} />}
          {who}
        </span>
      )}
      <div className={cx('flex w-full items-center gap-1', outbound && 'flex-row-reverse')}>
        <div
          className={cx(
            'max-w-[min(36rem,86%)] min-w-0 rounded-xl border px-3 py-1.75 text-base',
            note
              ? 'border-dashed border-note-line bg-note text-note-text'
              : outbound
                ? 'border-transparent bg-bubble-out text-bubble-out-text'
                : 'border-bubble-in-line bg-bubble-in text-text shadow-xs',
            failed && 'border-bad-line',
            outbound ? (joined ? 'rounded-tr-sm' : 'rounded-br-xl') : joined ? 'rounded-tl-sm' : '',
            flash && 'animate-flash',
          )}
        >
          {message && <Came metadata={message.metadata} />}
          {(pending?.replyTo ?? message?.replyTo) && <Quote id={(pending?.replyTo ?? message?.replyTo)!} />}
          {pending ? <OnItsWay pending={pending} marked={marked} /> : <Content message={message} marked={marked} onDetails={onDetails} />}
          <Foot at={item.at} status={status} />
        </div>
        {tools}
      </div>
      {picked && message && (
        <div className="mt-1 flex gap-1 sm:hidden">
          {!note && <Button size="sm" kind="quiet" icon={<ReplyIcon size={15} />} onClick={() => onReply(message.id)}>{t('thread.replyTo')}</Button>}
          <Button size="sm" kind="quiet" icon={<InfoIcon size={15} />} onClick={() => onDetails(message.id)}>{t('thread.details')}</Button>
        </div>
      )}
      {pending && <PendingLine pending={pending} onEdit={onEdit} />}
      {message?.status === 'FAILED' && <FailedLine message={message} />}
      {message?.status === 'UNKNOWN' && <UnknownLine message={message} />}
    </div>
  )
})

function Words({ children, marked }: { children: string; marked: string }) {
  return <span className="whitespace-pre-wrap break-words [overflow-wrap:anywhere]"><Linked text={children} marked={marked} /></span>
}

function Content({ message, marked, onDetails }: { message: Message; marked: string; onDetails: (id: string) => void }) {
  const t = useT()
  if (isShown(message)) return <Words marked={marked}>{message.content ?? ''}</Words>
  return (
    <span className="flex flex-col gap-1">
      <span className="text-sm font-medium">{typeWords(message.type)}</span>
      {message.content && <Words marked={marked}>{message.content}</Words>}
      <span className="text-xs text-text-3">{t('thread.unsupported')}</span>
      <button type="button" onClick={() => onDetails(message.id)} className="touch min-h-6 self-start text-xs font-medium text-accent-text underline underline-offset-2">{t('thread.showRaw')}</button>
    </span>
  )
}

/** How it came, where that is worth a word: by an ad, or passed on. */
function Came({ metadata }: { metadata: unknown }) {
  const t = useT()
  const { referral, forwarded } = originOf(metadata)
  if (!referral && !forwarded) return null
  const words = [referral && t(`origin.${referral.kind}`), referral?.headline, forwarded && t(`origin.forwarded.${forwarded}`)].filter(Boolean).join(' · ')
  return <span className="mb-0.5 block truncate text-xs opacity-75">{words}</span>
}

function Quote({ id }: { id: string }) {
  const t = useT()
  const quoted = cache.get('message', id)
  const show = () => document.querySelector(`[data-message="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'center', behavior: 'smooth' })
  return (
    <button type="button" onClick={show} className="mb-1 block w-full max-w-full truncate rounded-sm border-l-2 border-current/30 bg-current/5 px-2 py-1 text-left text-xs opacity-80">
      {quoted ? previewWords(quoted.type, quoted.content) : t('thread.quoteOlder')}
    </button>
  )
}

function Foot({ at, status }: { at: string; status: MessageStatus | Pending['state'] | null }) {
  const format = useFormat()
  return (
    <span className="tabular float-right mt-1.5 -mb-0.5 ml-3 flex items-center gap-1 text-2xs opacity-75 select-none">
      <time dateTime={at} title={format.full(at)}>{format.time(at)}</time>
      {status && <StatusTick status={status} />}
    </span>
  )
}

function Line({ tone, alert, children }: { tone: 'bad' | 'warn' | 'quiet'; alert?: boolean; children: ReactNode }) {
  return (
    <span role={alert ? 'alert' : undefined} className={cx('mt-1 flex max-w-[min(36rem,86%)] flex-wrap items-center justify-end gap-x-2 text-right text-xs', tone === 'bad' ? 'text-bad' : tone === 'warn' ? 'text-accent-text' : 'text-text-3')}>
      {children}
    </span>
  )
}

const PRESS = 'touch min-h-6 font-semibold underline underline-offset-2'

/** Nobody knows whether it arrived: what happened, as far as it is known, and how to find out. */
function UnknownLine({ message: { error } }: { message: Message }) {
  const t = useT()
  const next = `failureNext.${error?.nextStep}`
  return (
    <Line tone="warn">
      <span>{error && known(next) ? wordsFor('failure', error.code, 'failure.outcome_unknown') : t('failure.unknown')}</span>
      {known(next) && <span>{t(next)}</span>}
    </Line>
  )
}

/** A refusal is news for this long after the message was written. */
const NEWS_MS = 10 * 60_000

/** The provider or the box said no: why, and what to do next. */
function FailedLine({ message }: { message: Message }) {
  const t = useT()
  const { error } = message
  const code = error?.code
  // The provider's own code first, then the class of trouble, then its words as they are.
  const ids = [`failure.${code}`, `failureClass.${error?.nextStep}`]
  const id = ids.find(known) as MessageId | undefined
  const nextId = `failureNext.${error?.nextStep}`
  const again = async () => {
    try {
      cache.put('message', await messages.retry(message.id))
    } catch (problem) {
      toast(errorWords(problem), { tone: 'bad' })
    }
  }
  // Of a message of long ago it is history, and no news to interrupt anybody with.
  const [recent] = useState(() => Date.now() - Date.parse(message.createdAt) < NEWS_MS)
  return (
    <Line tone="bad" alert={recent}>
      {id ? <span>{t(id)}</span> : error?.reason ? <span lang="en">{error.reason}</span> : <span>{t('failure.refused')}</span>}
      {known(nextId) && <span className="text-text-2">{t(nextId)}</span>}
      <button type="button" className={PRESS} onClick={() => void again()}>{t('action.retry')}</button>
    </Line>
  )
}
