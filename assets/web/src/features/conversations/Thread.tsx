import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type Ref } from 'react'
import { useRecord } from '@/api/cache'
import { ApiError } from '@/api/client'
import type { Conversation } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { useMe } from '@/app/session'
import { Button } from '@/ui/button'
import { EmptyState, Skeleton, Spinner } from '@/ui/feedback'
import { AlertIcon, ChatIcon, DownIcon } from '@/ui/icons'
import { Bubble } from './Bubble'
import { Composer, type ComposerHandle } from './Composer'
import { MessageDetails } from './MessageDetails'
import type { DraftKind } from './drafts'
import { useFind } from './find'
import { FindBar } from './FindBar'
import { newestOf, useReading } from './reading'
import { useConversationQuery, useMessages, type Item } from './thread'
import { ThreadHeader } from './ThreadHeader'
import { customerName, previewWords } from './words'

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
      <Log conversation={conversation} messageId={find.target ?? messageId} marked={find.marked} onDetails={setDetails} onEdit={(text) => composer.current?.insert(text)} onReply={(id) => composer.current?.replyTo(id)} />
      <Composer ref={composer} conversation={conversation} />
      <MessageDetails messageId={details} onClose={() => setDetails(null)} />
    </>
  )
}

interface LogProps {
  conversation: Conversation
  messageId?: string
  /** Words that are looked for. */
  marked: string
  onDetails: (id: string) => void
  onEdit: (text: string) => void
  onReply: (id: string) => void
}

/** How far from the newest message one still counts as being there, in CSS pixels. */
const NEAR_PX = 80
/** A search may point far back; beyond this many pages of fifty it is not looked for. */
const SEEK_PAGES_MAX = 60

function Log({ conversation, messageId, marked, onDetails, onEdit, onReply }: LogProps) {
  const t = useT()
  const me = useMe()
  const messages = useMessages(conversation.id)
  const { items, hasNextPage, isFetchingNextPage, fetchNextPage } = messages
  const scroller = useRef<HTMLDivElement>(null)
  const older = useRef<HTMLDivElement>(null)
  const [away, setAway] = useState(false)
  const newSince = useNewSince(conversation, items)
  const flash = useSeek(messageId, messages, scroller)

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
    <div className="relative flex min-h-0 flex-1 flex-col">
      {/* Reversed, so that the newest message holds its place while older ones load above. */}
      <div
        ref={scroller}
        onScroll={(event) => setAway(event.currentTarget.scrollTop < -NEAR_PX)}
        className="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto overscroll-contain"
      >
        <div role="log" aria-label={t('thread.log')} aria-live="off" className="mx-auto flex w-full max-w-[52rem] flex-col px-4 pt-3 pb-4 sm:px-6">
          <div ref={older} />
          {isFetchingNextPage && <span className="mx-auto py-3 text-text-3"><Spinner label={t('thread.loadingOlder')} /></span>}
          {messages.isPending && <BubblesSkeleton />}
          {messages.isError && items.length === 0 && (
            <EmptyState icon={<AlertIcon size={20} />} title={t('thread.failed')} action={<Button onClick={() => void messages.refetch()}>{t('action.retry')}</Button>}>{errorWords(messages.error)}</EmptyState>
          )}
          {messages.isSuccess && !hasNextPage && <Beginning conversation={conversation} />}
          <Items items={items} customer={customerName(conversation)} newSince={newSince} flash={flash} marked={marked} onDetails={onDetails} onEdit={onEdit} onReply={onReply} />
        </div>
      </div>
      <Spoken items={items} customer={customerName(conversation)} />
      {away && (
        <button type="button" onClick={() => scroller.current?.scrollTo({ top: 0, behavior: 'smooth' })} onWheel={(event) => scroller.current?.scrollBy({ top: event.deltaY })} className="absolute bottom-3 left-1/2 inline-flex h-8 max-sm:h-11 max-sm:pr-4 -translate-x-1/2 animate-enter items-center gap-1.5 rounded-full border border-line bg-raised pr-3 pl-2 text-xs font-medium shadow-md">
          <DownIcon size={15} />
          {conversation.unread > 0 ? t('thread.newBelow', { count: conversation.unread }) : t('thread.toLatest')}
        </button>
      )}
    </div>
  )
}

/** Neighbours of one sender within this time stand together. */
const GROUP_MS = 4 * 60_000

function Items({ items, customer, newSince, flash, marked, onDetails, onEdit, onReply }: { items: readonly Item[]; customer: string; newSince: string | null; flash: string | null } & Pick<LogProps, 'marked' | 'onDetails' | 'onEdit' | 'onReply'>) {
  const t = useT()
  const format = useFormat()
  return items.map((item, index) => {
    const before = items[index - 1]
    const newDay = !before || !format.sameDay(before.at, item.at)
    const isNew = item.key === newSince
    const joined = !newDay && !isNew && before !== undefined && voice(before) === voice(item) && Date.parse(item.at) - Date.parse(before.at) < GROUP_MS
    return (
      <div key={item.key} data-message={item.message?.id ?? item.key} className={joined ? 'mt-0.75' : 'mt-3'}>
        {newDay && <Divider>{format.dayName(item.at)}</Divider>}
        {isNew && <Divider accent>{t('thread.newSince')}</Divider>}
        <Bubble item={item} customer={customer} joined={joined} flash={flash !== null && flash === item.message?.id} marked={marked} onDetails={onDetails} onEdit={onEdit} onReply={onReply} />
      </div>
    )
  })
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
    if (fresh.length > 0) setWords(fresh.map((message) => `${customer}: ${previewWords(message.type, message.content)}`).join('\n'))
  }, [items, customer])
  return <div aria-live="polite" className="sr-only">{words}</div>
}

/** Whose voice an item is: customer, a colleague's note, or an answer. */
function voice({ message, pending }: Item): string {
  if (pending) return `me${pending.isPrivate}`
  return `${message.direction}${message.isPrivate}${message.senderId ?? ''}`
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

/** Loads back until the wanted message is there, brings it into sight and lights it up. */
function useSeek(messageId: string | undefined, messages: ReturnType<typeof useMessages>, scroller: { current: HTMLDivElement | null }): string | null {
  const [found, setFound] = useState<string | null>(null)
  const { hasNextPage, isFetchingNextPage, fetchNextPage, data, items } = messages
  const there = messageId !== undefined && items.some((item) => item.message?.id === messageId)
  const show = useCallback(
    (id: string) => {
      scroller.current?.querySelector(`[data-message="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'center' })
    },
    [scroller],
  )
  useEffect(() => {
    if (!messageId || found === messageId) return
    if (there) {
      show(messageId)
      const timer = setTimeout(() => setFound(messageId), 0)
      return () => clearTimeout(timer)
    }
    if (hasNextPage && !isFetchingNextPage && (data?.pages.length ?? 0) < SEEK_PAGES_MAX) void fetchNextPage()
  }, [messageId, there, found, hasNextPage, isFetchingNextPage, fetchNextPage, data, show])
  return found
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
