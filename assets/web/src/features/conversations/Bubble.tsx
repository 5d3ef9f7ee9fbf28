import { memo, useRef, useState, type MouseEvent, type PointerEvent, type ReactNode } from 'react'
import { cache } from '@/api/cache'
import { messages } from '@/api/calls'
import type { Message } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { known, useT, wordsFor, type MessageId } from '@/app/i18n'
import { useMe } from '@/app/session'
import { cx } from '@/lib/cx'
import { PHONE } from '@/lib/media'
import { phoneWords } from '@/lib/phone'
import { Button } from '@/ui/button'
import { InfoIcon, LockIcon, MoreIcon, ReplyIcon, SmileIcon } from '@/ui/icons'
import { toast } from '@/ui/toasts'
import { allowed } from './bubbles/acts'
import { Body } from './bubbles/Body'
import type { Shown } from './bubbles/contract'
import { lookOf } from './bubbles/kinds'
import { Came, Foot } from './bubbles/Marks'
import { Notice } from './bubbles/Notice'
import { showOver, useIsOver } from './bubbles/over'
import { authorWords } from './bubbles/people'
import { Album } from './bubbles/Picture'
import { usePlace, type Place } from './bubbles/place'
import { authorColour, Quote } from './bubbles/Quote'
import { Reactions } from './bubbles/Reactions'
import type { Row } from './bubbles/rows'
import { OnItsWay, PendingLine } from './composer/OnItsWay'
import { senderOf } from './sender'

interface Props {
  row: Row
  /** Follows another of the same voice closely. */
  joined: boolean
  flash: boolean
  /** Words that are looked for. */
  marked: string
  /** The one message of the thread that Tab reaches; arrow keys walk from there. */
  current: boolean
}

/** One message. The customer's at the left, the firm's at the right, notes across on their own paper. */
export const Bubble = memo(function Bubble({ row, joined, flash, marked, current }: Props) {
  const { message, pending, at } = row.last
  const shown = message as Shown | undefined
  const place = usePlace()
  const spoken = useSpoken(row)
  const tabIndex = current ? 0 : -1
  if (shown && lookOf(shown) === 'line') {
    return <div role="article" aria-label={spoken} tabIndex={tabIndex} className="rounded-lg outline-offset-2"><Notice message={shown} /></div>
  }
  if (pending) {
    const note = pending.isPrivate
    return (
      <div role="article" aria-label={spoken} tabIndex={tabIndex} className="group flex flex-col items-end rounded-lg outline-offset-2">
        {!joined && <Who note={note} mine />}
        <div className={cx(PAPER, 'px-3 py-1.75', note ? NOTE : OUT, pending.state === 'failed' && 'border-bad-line')}>
          {pending.replyTo && <Quote id={pending.replyTo} />}
          <OnItsWay pending={pending} marked={marked} />
          <Foot at={at} status={note && pending.state === 'sending' ? null : pending.state} />
        </div>
        <PendingLine pending={pending} onEdit={place.insert} />
      </div>
    )
  }
  return <Stored row={row} message={shown!} joined={joined} flash={flash} marked={marked} spoken={spoken} tabIndex={tabIndex} place={place} />
})

const PAPER = 'max-w-[min(36rem,86%)] min-w-0 rounded-xl border text-base'
const NOTE = 'border-dashed border-note-line bg-note text-note-text'
const OUT = 'border-transparent bg-bubble-out text-bubble-out-text'
const IN = 'border-bubble-in-line bg-bubble-in text-text shadow-xs'

interface StoredProps extends Omit<Props, 'current'> {
  message: Shown
  spoken: string
  tabIndex: number
  place: Place
}

function Stored({ row, message, joined, flash, marked, spoken, tabIndex, place }: StoredProps) {
  const out = message.direction === 'OUTBOUND'
  const note = message.isPrivate
  const look = lookOf(message)
  const isAlbum = row.items.length > 1
  const press = useLongPress(message.id)
  // Where there is no mouse to hover with, a touch of the bubble shows what can be done with it.
  const [picked, setPicked] = useState(false)
  const pick = (event: MouseEvent) => {
    if (press.wasLong() || !matchMedia(PHONE).matches || (event.target as Element).closest('a, button, input, summary, video') || document.getSelection()?.isCollapsed === false) return
    setPicked(!picked)
  }
  const status = out && !note ? message.status : null
  const foot = <Foot at={row.last.at} status={status} message={message} />
  const footOver = <Foot at={row.last.at} status={status} message={message} over />
  const frame = look === 'frame' || isAlbum
  const head = (
    <>
      {message.author && !joined && <Author author={message.author} />}
      <Came message={message} />
      {message.replyTo && <Quote id={message.replyTo} quoted={message.quoted} />}
    </>
  )
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- the same tools stand beside it as buttons
    <div role="article" aria-label={spoken} tabIndex={tabIndex} onClick={pick} {...press.handlers} className={cx('group flex flex-col rounded-lg outline-offset-2', out ? 'items-end' : 'items-start')}>
      {!joined && out && <Who note={note} mine={message.senderId === place.me} bot={message.isBot} name={senderOf(message.senderId, message.senderName)} />}
      <div className={cx('flex w-full items-center gap-1', out && 'flex-row-reverse')}>
        <div
          className={cx(
            PAPER,
            frame ? 'p-1' : look === 'bare' ? 'px-1' : 'px-3 py-1.75',
            look === 'bare' ? 'border-transparent' : note ? NOTE : out ? OUT : IN,
            message.status === 'FAILED' && look !== 'bare' && 'border-bad-line',
            joined && (out ? 'rounded-tr-sm' : 'rounded-tl-sm'),
            flash && 'animate-flash',
            'max-sm:[-webkit-touch-callout:none] max-sm:select-none',
          )}
        >
          {frame ? <div className="px-2 pt-1 empty:hidden">{head}</div> : head}
          {isAlbum ? <Album messages={row.items.flatMap((item) => (item.message as Shown | undefined) ?? [])}>{footOver}</Album> : <Body message={message} marked={marked} foot={foot} footOver={footOver} />}
        </div>
        <Tools message={message} place={place} tabIndex={tabIndex} />
      </div>
      {(message.reactions?.length ?? 0) > 0 && <Reactions message={message} />}
      {picked && <PickedTools message={message} place={place} onDone={() => setPicked(false)} />}
      {message.status === 'FAILED' && <FailedLine message={message} />}
      {message.status === 'UNKNOWN' && <UnknownLine message={message} />}
    </div>
  )
}

/** Who wrote it, when, how far it got: what a screen reader says before the words. */
function useSpoken({ first, last }: Row): string {
  const t = useT()
  const format = useFormat()
  const { customer, me } = usePlace()
  const { message, pending } = last
  const note = pending?.isPrivate ?? message!.isPrivate
  const out = pending !== undefined || message!.direction === 'OUTBOUND'
  const mine = pending !== undefined || message!.senderId === me
  const sender = mine ? t('word.you') : message!.isBot ? t('thread.bot') : senderOf(message!.senderId, message!.senderName)
  const who = note ? (mine ? t('thread.noteByYou') : t('thread.noteBy', { name: sender ?? '' })) : out ? (sender ?? t('thread.firm')) : message!.author ? authorWords(message!.author) : customer
  const status = out && !note ? (pending?.state ?? message!.status) : pending && pending.state !== 'sending' ? pending.state : null
  return [who, format.full(first.at), status && t(`status.${status}`)].filter(Boolean).join(', ')
}

function Who({ note, mine, bot, name }: { note: boolean; mine: boolean; bot?: boolean; name?: string }) {
  const t = useT()
  const me = useMe()
  const sender = bot ? t('thread.bot') : mine ? me.name : name
  if (!sender) return null
  return (
    <span className="mb-0.5 flex items-center gap-1 px-1 text-2xs text-text-3">
      {note && <LockIcon size={11} />}
      {note ? (mine ? t('thread.noteByYou') : t('thread.noteBy', { name: sender })) : mine && !bot ? t('word.you') : sender}
    </span>
  )
}

/** One of a group, in a colour that stays theirs. */
function Author({ author }: { author: NonNullable<Message['author']> }) {
  const name = authorWords(author)
  const number = phoneWords(author.address)
  return (
    <span className="flex items-baseline gap-2 text-xs">
      <span className="truncate font-semibold" style={{ color: authorColour(author.address) }}>{name}</span>
      {number !== name && <span className="tabular shrink-0 text-2xs text-text-3">{number}</span>}
    </span>
  )
}

const TOOL = 'inline-flex size-7 items-center justify-center rounded-md text-text-3 transition-colors hover:bg-hover hover:text-text aria-expanded:bg-hover aria-expanded:text-text'

/** What is done most, beside the bubble: to see under the mouse or with the focus, to be found always. */
function Tools({ message, place, tabIndex }: { message: Shown; place: Place; tabIndex: number }) {
  const t = useT()
  const isOver = useIsOver(message.id)
  const may = allowed(message, place)
  return (
    <span className={cx('flex transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 max-sm:hidden', !isOver && 'opacity-0')}>
      {may.react && <button type="button" tabIndex={tabIndex} aria-label={t('reactions.give')} title={t('reactions.give')} aria-haspopup="dialog" onClick={(event) => showOver({ kind: 'emoji', messageId: message.id, anchor: event.currentTarget })} className={TOOL}><SmileIcon size={16} /></button>}
      {may.reply && <button type="button" tabIndex={tabIndex} aria-label={t('thread.replyTo')} title={t('thread.replyTo')} onClick={() => place.reply(message.id)} className={TOOL}><ReplyIcon size={15} /></button>}
      <button type="button" tabIndex={tabIndex} aria-label={t('thread.details')} title={t('thread.details')} onClick={() => place.details(message.id)} className={TOOL}><InfoIcon size={15} /></button>
      <button type="button" tabIndex={tabIndex} data-menu aria-label={t('bubble.actions')} title={t('bubble.actions')} aria-haspopup="menu" aria-expanded={isOver} onClick={(event) => showOver({ kind: 'menu', messageId: message.id, anchor: event.currentTarget })} className={TOOL}><MoreIcon size={16} /></button>
    </span>
  )
}

function PickedTools({ message, place, onDone }: { message: Shown; place: Place; onDone: () => void }) {
  const t = useT()
  const may = allowed(message, place)
  return (
    <div className="mt-1 flex gap-1 sm:hidden">
      {may.reply && <Button size="sm" kind="quiet" icon={<ReplyIcon size={15} />} onClick={() => place.reply(message.id)}>{t('command.reply')}</Button>}
      <Button
        size="sm"
        kind="quiet"
        icon={<MoreIcon size={16} />}
        onClick={(event) => {
          showOver({ kind: 'sheet', messageId: message.id, anchor: event.currentTarget.closest<HTMLElement>('[role=article]') ?? undefined })
          onDone()
        }}
      >
        {t('bubble.actions')}
      </Button>
    </div>
  )
}

/** A thumb that rests so long means the message, not what lies under it. */
const LONG_MS = 450
const STILL_PX = 10

/** A long touch opens the message's sheet, as thumbs know it. */
function useLongPress(messageId: string) {
  const held = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | null>(null)
  const long = useRef(false)
  const stop = () => {
    clearTimeout(held.current?.timer)
    held.current = null
  }
  return {
    /** Did the press that ends now open the sheet? Then it is no tap. */
    wasLong: () => long.current,
    handlers: {
      onPointerDown(event: PointerEvent<HTMLElement>) {
        long.current = false
        if (event.pointerType === 'mouse' || !event.isPrimary || (event.target as Element).closest('input, video')) return
        const element = event.currentTarget
        const open = () => {
          held.current = null
          long.current = true
          navigator.vibrate?.(10)
          showOver({ kind: 'sheet', messageId, anchor: element })
        }
        held.current = { timer: setTimeout(open, LONG_MS), x: event.clientX, y: event.clientY }
      },
      onPointerMove(event: PointerEvent) {
        if (held.current && Math.hypot(event.clientX - held.current.x, event.clientY - held.current.y) > STILL_PX) stop()
      },
      onPointerUp: stop,
      onPointerCancel: stop,
      onClickCapture(event: MouseEvent) {
        if (!long.current) return
        // The finger that opened the sheet presses nothing below it.
        event.preventDefault()
        event.stopPropagation()
      },
      onContextMenu(event: MouseEvent) {
        if (held.current || long.current) event.preventDefault()
      },
    },
  }
}

function Line({ tone, alert, children }: { tone: 'bad' | 'warn'; alert?: boolean; children: ReactNode }) {
  return (
    <span role={alert ? 'alert' : undefined} className={cx('mt-1 flex max-w-[min(36rem,86%)] flex-wrap items-center justify-end gap-x-2 text-right text-xs', tone === 'bad' ? 'text-bad' : 'text-accent-text')}>
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
