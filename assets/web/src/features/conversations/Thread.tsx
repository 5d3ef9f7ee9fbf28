import { lazy, memo, Suspense, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type FocusEvent, type KeyboardEvent, type Ref } from 'react'
import { cache, useRecord } from '@/api/cache'
import { messages as api } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Conversation } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { go } from '@/app/go'
import { useT } from '@/app/i18n'
import { can, useMe } from '@/app/session'
import { whenIdle } from '@/lib/idle'
import { Button } from '@/ui/button'
import { EmptyState, Skeleton, Spinner } from '@/ui/feedback'
import { AlertIcon, ChatIcon, DownIcon } from '@/ui/icons'
import { Bubble } from './Bubble'
import { closeOver, useOver } from './bubbles/over'
import { authorWords } from './bubbles/people'
import { PlaceProvider, type Place } from './bubbles/place'
import { blocksOf, follows, rowsOf, type Row } from './bubbles/rows'
import { useTyping } from './bubbles/typing'
import { TypingLine } from './bubbles/Typing'
import { Composer, type ComposerHandle } from './Composer'
import { useAbilities } from './composer/abilities'
import { insertWords, startReply } from './composer/state'
import type { DraftKind } from './drafts'
import { useFind } from './find'
import { FindBar } from './FindBar'
import { newestOf, useReading } from './reading'
import { useConversationQuery, useMessages, type Item } from './thread'
import { ThreadHeader } from './ThreadHeader'
import { customerName, previewWords } from './words'

const MessageDetails = lazy(async () => ({ default: (await import('./MessageDetails')).MessageDetails }))

export interface ThreadHandle {
  focusComposer: (kind: DraftKind) => void
  find: () => void
}

interface Props {
  ref: Ref<ThreadHandle>
  conversationId: string
  /** A message to go to, from a search. */
  messageId?: string
  onBack?: () => void
  onAssign: () => void
  onTransfer: () => void
  panelShown: boolean
  onTogglePanel: () => void
}

/** One conversation: its head, its messages, and where one answers. */
export function Thread({ ref, conversationId, messageId, ...head }: Props) {
  const t = useT()
  const query = useConversationQuery(conversationId)
  const conversation = useRecord('conversation', conversationId)
  const composer = useRef<ComposerHandle>(null)
  const [details, setDetails] = useState<string | null>(null)
  const [finding, setFinding] = useState(false)
  const find = useFind(conversationId, finding)
  useImperativeHandle(ref, () => ({ focusComposer: (kind) => composer.current?.focus(kind), find: () => setFinding(true) }), [])

  if (!conversation) {
    if (query.error) {
      const gone = query.error instanceof ApiError && (query.error.status === 404 || query.error.status === 403)
      return (
        <EmptyState className="flex-1" icon={<ChatIcon size={22} />} title={gone ? t('thread.gone') : t('thread.failed')} action={gone ? head.onBack && <Button onClick={head.onBack}>{t('action.back')}</Button> : <Button onClick={() => void query.refetch()}>{t('action.retry')}</Button>}>
          {gone ? t('thread.goneHint') : errorWords(query.error)}
        </EmptyState>
      )
    }
    return <ThreadSkeleton />
  }
  return (
    <>
      <ThreadHeader conversation={conversation} {...head} finding={finding} onToggleFind={() => setFinding(!finding)} />
      {finding && <FindBar find={find} onClose={() => setFinding(false)} />}
      <Log conversation={conversation} messageId={find.target ?? messageId} marked={find.marked} onDetails={setDetails} />
      <Composer ref={composer} conversation={conversation} />
      {details && <Suspense fallback={null}><MessageDetails messageId={details} onClose={() => setDetails(null)} /></Suspense>}
    </>
  )
}

interface LogProps {
  conversation: Conversation
  messageId?: string
  /** Words that are looked for. */
  marked: string
  onDetails: (id: string) => void
}

/** How far from the newest message one still counts as being there, in CSS pixels. */
const NEAR_PX = 80
/** A search may point far back; beyond this many pages of fifty it is not looked for. */
const SEEK_PAGES_MAX = 60

function Log({ conversation, messageId, marked, onDetails }: LogProps) {
  const t = useT()
  const me = useMe()
  const messages = useMessages(conversation.id)
  const { items, hasNextPage, isFetchingNextPage, fetchNextPage } = messages
  const scroller = useRef<HTMLDivElement>(null)
  const older = useRef<HTMLDivElement>(null)
  const [away, setAway] = useState(false)
  const [jumped, setJumped] = useState<{ id: string; turn: number; besides: string | undefined } | null>(null)
  const newSince = useNewSince(conversation, items)
  const typists = useTyping(conversation.id)
  const customer = customerName(conversation)
  const jump = useCallback(
    async (id: string) => {
      const elsewhere = await conversationBesides(conversation.id, id)
      if (elsewhere) go(`/inbox/all/${elsewhere}?message=${id}`)
      else setJumped((before) => ({ id, turn: (before?.turn ?? 0) + 1, besides: messageId }))
    },
    [conversation.id, messageId],
  )
  // Where a search points next counts for more than the last quote that was pressed.
  const wanted = jumped && jumped.besides === messageId ? jumped : messageId ? { id: messageId, turn: 0 } : null
  const flash = useSeek(wanted, messages, scroller)
  const place = usePlaceOf(conversation, onDetails, jump)
  const walk = useWalk(items)

  useEffect(() => {
    const sentinel = older.current
    if (!sentinel || !hasNextPage || isFetchingNextPage) return
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && void fetchNextPage(), { root: scroller.current, rootMargin: '600px 0px 0px 0px' })
    observer.observe(sentinel)
    return () => observer.disconnect()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, items.length])

  // What one sends oneself is always brought into sight.
  const lastOwn = items.findLast((item) => item.pending)?.key
  useLayoutEffect(() => {
    if (lastOwn) scroller.current?.scrollTo({ top: 0 })
  }, [lastOwn])

  useReading(conversation, me.id, away, newestOf(items))

  return (
    <PlaceProvider value={place}>
      <div className="relative flex min-h-0 flex-1 flex-col">
        {/* Reversed, so that the newest message holds its place while older ones load above. */}
        <div
          ref={scroller}
          onScroll={(event) => setAway(event.currentTarget.scrollTop < -NEAR_PX)}
          className="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto overscroll-contain"
        >
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrow keys walk over the messages in it */}
          <div role="log" aria-label={t('thread.log')} aria-live="off" {...walk.handlers} className="mx-auto flex w-full max-w-[52rem] flex-col px-4 pt-3 pb-4 sm:px-6">
            <div ref={older} />
            {isFetchingNextPage && <span className="mx-auto py-3 text-text-3"><Spinner label={t('thread.loadingOlder')} /></span>}
            {messages.isPending && <BubblesSkeleton />}
            {messages.isError && items.length === 0 && (
              <EmptyState icon={<AlertIcon size={20} />} title={t('thread.failed')} action={<Button onClick={() => void messages.refetch()}>{t('action.retry')}</Button>}>{errorWords(messages.error)}</EmptyState>
            )}
            {messages.isSuccess && !hasNextPage && <Beginning conversation={conversation} />}
            <Blocks items={items} me={me.id} newSince={newSince} wanted={wanted?.id} flash={flash} marked={marked} current={walk.current} scroller={scroller} />
            <TypingLine typists={typists} customer={customer} />
          </div>
        </div>
        <Spoken items={items} customer={customer} />
        {away && (
          <button type="button" onClick={() => scroller.current?.scrollTo({ top: 0, behavior: 'smooth' })} onWheel={(event) => scroller.current?.scrollBy({ top: event.deltaY })} className="absolute bottom-3 left-1/2 inline-flex h-8 max-sm:h-11 max-sm:pr-4 -translate-x-1/2 animate-enter items-center gap-1.5 rounded-full border border-line bg-raised pr-3 pl-2 text-xs font-medium shadow-md">
            <DownIcon size={15} />
            {conversation.unread > 0 ? t('thread.newBelow', { count: conversation.unread }) : t('thread.toLatest')}
          </button>
        )}
      </div>
      <OverTheThread />
    </PlaceProvider>
  )
}

/** What is quoted may stand in an earlier conversation with the same customer. */
async function conversationBesides(here: string, messageId: string): Promise<string | null> {
  if (cache.get('message', messageId)) return null
  try {
    const { conversationId } = await api.get(messageId)
    return conversationId === here ? null : conversationId
  } catch {
    return null
  }
}

/** Menus, the viewer and all else that opens over a message come when the first is wanted, or when nothing else is to be done. */
const load = () => import('./bubbles/Overlays')
const Overlays = lazy(load)

function OverTheThread() {
  const over = useOver()
  useEffect(() => {
    whenIdle(() => void load().catch(() => undefined))
    return closeOver
  }, [])
  return over && <Suspense fallback={null}><Overlays over={over} /></Suspense>
}

/** What every bubble knows of its thread: one object that changes only when a bubble would look different. */
function usePlaceOf(conversation: Conversation, onDetails: (id: string) => void, jump: (id: string) => Promise<void>): Place {
  const me = useMe().id
  const { id: conversationId, channelId } = conversation
  const isGroup = conversation.contact?.isGroup ?? false
  const customer = customerName(conversation)
  const { has } = useAbilities(channelId)
  const canWrite = can('conversation.reply')
  return useMemo(
    () => ({ conversationId, customer, isGroup, me, canWrite, can: has, reply: (id) => startReply({ id, conversationId }), details: onDetails, insert: (text) => insertWords(conversationId, text), jump: (id) => void jump(id) }),
    [conversationId, customer, isGroup, me, canWrite, has, onDetails, jump],
  )
}

interface BlocksProps {
  items: readonly Item[]
  me: string
  newSince: string | null
  /** Message that is gone to: its block must be there. */
  wanted: string | undefined
  flash: string | null
  marked: string
  current: string | undefined
  scroller: { current: HTMLDivElement | null }
}

/** All that is loaded of a thread, in blocks of which only those near the eye are drawn. */
function Blocks({ items, newSince, wanted, current, ...rest }: BlocksProps) {
  const blocks = useMemo(() => blocksOf(rowsOf(items)), [items])
  const holds = (block: readonly Row[], key: string | null | undefined) => (key != null && block.some((row) => row.items.some((item) => item.key === key || item.message?.id === key)) ? key : null)
  return blocks.map((block, index) => (
    <Block key={block[0]!.key} rows={block} before={blocks[index - 1]?.at(-1)?.last} newSince={holds(block, newSince)} wanted={holds(block, wanted)} current={holds(block, current)} {...rest} />
  ))
}

/** Blocks this far from the eye stay drawn: scrolling fast meets no gaps, and a short thread is there as a whole. */
const DRAWN_PX = 8_000

interface BlockProps extends Omit<BlocksProps, 'items' | 'wanted' | 'current'> {
  rows: readonly Row[]
  before: Item | undefined
  wanted: string | null
  current: string | null
}

const Block = memo(
  function Block({ rows, before, me, newSince, wanted, flash, marked, current, scroller }: BlockProps) {
    const element = useRef<HTMLDivElement>(null)
    const [height, setHeight] = useState<number | null>(null)
    useEffect(() => {
      const own = element.current
      if (!own) return
      const observer = new IntersectionObserver(
        ([entry]) => {
          if (entry) setHeight((known) => (entry.isIntersecting ? null : (known ?? entry.boundingClientRect.height)))
        },
        { root: scroller.current, rootMargin: `${DRAWN_PX}px 0px` },
      )
      observer.observe(own)
      return () => observer.disconnect()
    }, [scroller])
    if (height !== null && !wanted) return <div ref={element} style={{ height }} className="shrink-0" />
    return (
      <div ref={element}>
        {rows.map((row, index) => (
          <OneRow key={row.key} row={row} before={index > 0 ? rows[index - 1]!.last : before} me={me} isNew={row.items.some((item) => item.key === newSince)} flash={flash !== null && row.items.some((item) => item.message?.id === flash)} marked={marked} current={row.items.some((item) => item.key === current)} />
        ))}
      </div>
    )
  },
  (a, b) =>
    a.before === b.before && a.me === b.me && a.newSince === b.newSince && a.wanted === b.wanted && a.flash === b.flash && a.marked === b.marked && a.current === b.current && a.rows.length === b.rows.length && a.rows.every((row, index) => sameRow(row, b.rows[index]!)),
)

const sameRow = (a: Row, b: Row) => a.key === b.key && a.items.length === b.items.length && a.items.every((item, index) => item === b.items[index])

function OneRow({ row, before, me, isNew, flash, marked, current }: { row: Row; before: Item | undefined; me: string; isNew: boolean; flash: boolean; marked: string; current: boolean }) {
  const t = useT()
  const format = useFormat()
  const newDay = !before || !format.sameDay(before.at, row.first.at)
  const joined = !newDay && !isNew && before !== undefined && follows(before, row.first, me)
  return (
    <div data-message={row.last.message?.id ?? row.key} data-row={row.key} className={joined ? 'mt-0.75' : 'mt-3'}>
      {row.items.slice(0, -1).map((item) => item.message && <span key={item.key} data-message={item.message.id} />)}
      {newDay && <Divider>{format.dayName(row.first.at)}</Divider>}
      {isNew && <Divider accent>{t('thread.newSince')}</Divider>}
      <Bubble row={row} joined={joined} flash={flash} marked={marked} current={current} />
    </div>
  )
}

/** Tab reaches one message; arrow keys walk from there, and Enter opens what can be done with it. */
function useWalk(items: readonly Item[]) {
  const [chosen, setChosen] = useState<string | null>(null)
  const current = items.some((item) => item.key === chosen) ? chosen! : items.at(-1)?.key
  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const key = event.target.closest<HTMLElement>('[data-row]')?.dataset.row
    if (key) setChosen(key)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const from = event.target as HTMLElement
    if (from.getAttribute('role') !== 'article' || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter' || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      event.preventDefault()
      const button = from.querySelector<HTMLElement>('[data-menu]')
      // On a phone the button is away, and its sheet is at the thumb.
      if (button?.offsetParent) button.click()
      return
    }
    const by = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row] [role=article]')]
    all[Math.max(0, Math.min(all.length - 1, all.indexOf(from) + by))]?.focus()
  }
  return { current, handlers: { onFocus, onKeyDown } }
}

/**
 * Says what the customer writes while the thread is open, once each: pages of older messages that load above are read by
 * whoever walks there.
 */
function Spoken({ items, customer }: { items: readonly Item[]; customer: string }) {
  const seen = useRef<number | null>(null)
  const [words, setWords] = useState('')
  useEffect(() => {
    const stored = items.flatMap(({ message }) => message ?? [])
    const newest = stored.reduce((most, message) => Math.max(most, message.arrival), -1)
    const before = seen.current
    if (newest < 0) return
    seen.current = newest
    if (before === null || newest <= before) return
    const fresh = stored.filter((message) => message.arrival > before && message.direction === 'INBOUND')
    if (fresh.length > 0) setWords(fresh.map((message) => `${message.author ? authorWords(message.author) : customer}: ${previewWords(message.type, message.content, message.media?.isVoice)}`).join('\n'))
  }, [items, customer])
  return <div aria-live="polite" className="sr-only">{words}</div>
}

function Divider({ children, accent }: { children: string; accent?: boolean }) {
  return (
    <div role="separator" aria-label={children} className={`my-3 flex items-center gap-3 text-2xs font-semibold ${accent ? 'text-accent-text' : 'text-text-3'}`}>
      <span className={`h-px flex-1 ${accent ? 'bg-accent-line' : 'bg-line'}`} />
      {children}
      <span className={`h-px flex-1 ${accent ? 'bg-accent-line' : 'bg-line'}`} />
    </div>
  )
}

function Beginning({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const format = useFormat()
  return (
    <p className="mx-auto mt-2 mb-1 max-w-96 text-center text-xs text-text-3">
      {t('thread.beginning', { day: format.day(conversation.createdAt), protocol: conversation.protocol })}
    </p>
  )
}

/** The first message that was unread when the thread was opened; it keeps its line while one reads. */
function useNewSince(conversation: Conversation, items: readonly Item[]): string | null {
  const [count] = useState(conversation.unread)
  const [at, setAt] = useState<string | null>(null)
  if (at === null && count > 0 && items.length > 0) {
    const inbound = items.filter((item) => item.message?.direction === 'INBOUND')
    const first = inbound.at(-count) ?? inbound[0]
    if (first) setAt(first.key)
  }
  return at
}

/** How long a message that was gone to stays lit. */
const LIT_MS = 2_000

/** Loads back until the wanted message is there, brings it into sight and lights it up. Answers the one that is lit. */
function useSeek(wanted: { id: string; turn: number } | null, messages: ReturnType<typeof useMessages>, scroller: { current: HTMLDivElement | null }): string | null {
  const [lit, setLit] = useState<string | null>(null)
  const done = useRef('')
  const { hasNextPage, isFetchingNextPage, fetchNextPage, data, items } = messages
  const id = wanted?.id
  const turn = wanted ? `${wanted.id}/${wanted.turn}` : ''
  const there = id !== undefined && items.some((item) => item.message?.id === id)
  useEffect(() => {
    if (!id || done.current === turn) return
    if (there) {
      done.current = turn
      scroller.current?.querySelector(`[data-message="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'center' })
      // Goes out by itself, whatever is drawn meanwhile.
      setTimeout(() => setLit(id), 0)
      setTimeout(() => setLit((now) => (now === id ? null : now)), LIT_MS)
      return
    }
    if (hasNextPage && !isFetchingNextPage && (data?.pages.length ?? 0) < SEEK_PAGES_MAX) void fetchNextPage()
  }, [id, turn, there, hasNextPage, isFetchingNextPage, fetchNextPage, data, scroller])
  return lit
}

function BubblesSkeleton() {
  return (
    <div aria-hidden="true" className="flex flex-col gap-3 py-4">
      {[40, 56, 30, 48].map((width, index) => (
        <span key={width} className={index % 2 ? 'self-end' : ''} style={{ width: `${width}%` }}>
          <Skeleton shape="bubble" className="h-12" />
        </span>
      ))}
    </div>
  )
}

function ThreadSkeleton() {
  return (
    <>
      <div className="flex h-13 items-center gap-3 border-b border-line bg-surface px-4">
        <Skeleton shape="face" className="size-7" />
        <Skeleton className="h-3 w-40" />
      </div>
      <div className="mx-auto w-full max-w-[52rem] flex-1 px-6">
        <BubblesSkeleton />
      </div>
    </>
  )
}
