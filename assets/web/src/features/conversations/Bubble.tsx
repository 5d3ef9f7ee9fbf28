import { memo, useState, type MouseEvent } from 'react'
import type { Message } from '@/api/types'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { useMe } from '@/app/session'
import { cx } from '@/lib/cx'
import { PHONE } from '@/lib/media'
import { phoneWords } from '@/lib/phone'
import { LockIcon } from '@/ui/icons'
import { Body } from './bubbles/Body'
import type { Shown } from './bubbles/contract'
import { lookOf } from './bubbles/kinds'
import { useLongPress } from './bubbles/long-press'
import { Came, Foot } from './bubbles/Marks'
import { Notice } from './bubbles/Notice'
import { authorWords } from './bubbles/people'
import { Album } from './bubbles/Picture'
import { usePlace, type Place } from './bubbles/place'
import { authorColour, Quote } from './bubbles/Quote'
import { Reactions } from './bubbles/Reactions'
import type { Row } from './bubbles/rows'
import { PickedTools, Tools } from './bubbles/Tools'
import { ActLines, FailedLine, UnknownLine } from './bubbles/Troubles'
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
  const all = row.items.flatMap((item) => (item.message as Shown | undefined) ?? [])
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
          {isAlbum ? <Album messages={all} tabIndex={tabIndex}>{footOver}</Album> : <Body message={message} marked={marked} foot={foot} footOver={footOver} />}
        </div>
        {/* Each picture of an album has its own. */}
        {!isAlbum && <Tools message={message} place={place} tabIndex={tabIndex} />}
      </div>
      {(message.reactions?.length ?? 0) > 0 && <Reactions message={message} />}
      {picked && !isAlbum && <PickedTools message={message} place={place} onDone={() => setPicked(false)} />}
      {all.map((one) => (one.acts?.length ?? 0) > 0 && <ActLines key={one.id} message={one} />)}
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
