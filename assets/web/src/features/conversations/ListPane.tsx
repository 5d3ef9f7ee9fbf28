import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useRecords } from '@/api/cache'
import type { Conversation, ConversationFilter } from '@/api/types'
import { shortcutOf } from '@/app/commands'
import { errorWords } from '@/app/errors'
import { useT } from '@/app/i18n'
import { usePreferences } from '@/app/preferences'
import { go, TABS, type Tab } from '@/app/go'
import { can } from '@/app/session'
import { useCounters } from '@/app/system'
import { cx } from '@/lib/cx'
import { Button, IconButton } from '@/ui/button'
import { EmptyState, Skeleton } from '@/ui/feedback'
import { AlertIcon, CheckIcon, ChatIcon, CloseIcon, FilterIcon, InboxIcon, PlusIcon } from '@/ui/icons'
import { Menu, MenuGroup, MenuRadio, MenuSeparator } from '@/ui/menu'
import { Count } from '@/ui/text'
import type { useConversationList } from './list'
import { Row } from './Row'
import { starting } from './starting'

interface Props {
  list: ReturnType<typeof useConversationList>
  filter: ConversationFilter
  openId: string | null
  selected: string | null
  onOpen: (id: string) => void
  hrefOf: (id: string | null) => string
  /** Absent on a phone, where the list is all there is. */
  width?: number
}

export function ListPane({ list, filter, openId, selected, onOpen, hrefOf, width }: Props) {
  const t = useT()
  return (
    <section aria-label={t('inbox.list')} className="relative flex shrink-0 flex-col bg-surface max-sm:flex-1" style={width ? { width } : undefined}>
      <header className="flex h-13 items-center justify-between pr-2.5 pl-4">
        <h1 className="text-lg font-semibold tracking-tight">{t('nav.inbox')}</h1>
        <span className="flex items-center">
          {can('conversation.reply') && <IconButton label={t('command.newConversation')} shortcut={shortcutOf('conversation.new')} onClick={() => starting.set({})}><PlusIcon /></IconButton>}
          <Filters filter={filter} />
        </span>
      </header>
      <Tabs filter={filter} />
      <Chosen filter={filter} />
      <List key={`${filter.tab}/${filter.queueId}/${filter.channelId}`} list={list} filter={filter} openId={openId} selected={selected} onOpen={onOpen} hrefOf={hrefOf} />
    </section>
  )
}

const tail = (filter: ConversationFilter) => {
  const query = new URLSearchParams()
  if (filter.queueId) query.set('queue', filter.queueId)
  if (filter.channelId) query.set('channel', filter.channelId)
  return query.size > 0 ? `?${query}` : ''
}

function Tabs({ filter }: { filter: ConversationFilter }) {
  const t = useT()
  const counters = useCounters()
  const counts: Partial<Record<Tab, number>> = { mine: counters?.mine, unassigned: counters?.unassigned }
  return (
    <nav aria-label={t('inbox.tabs')} className="flex justify-between overflow-x-auto border-b border-line px-2 [scrollbar-width:none] sm:justify-start">
      {TABS.map((tab) => {
        const here = tab === filter.tab
        return (
          <Link
            key={tab}
            to={`/inbox/${tab}${tail(filter)}`}
            aria-current={here ? 'page' : undefined}
            className={cx('relative flex h-9 max-sm:h-11 shrink-0 items-center gap-1.5 rounded-t-md px-1.5 text-sm whitespace-nowrap -outline-offset-2 transition-colors', here ? 'font-semibold text-text' : 'text-text-3 hover:text-text')}
          >
            {t(`inbox.tab.${tab}`)}
            <Count value={counts[tab] ?? 0} quiet />
            {here && <span aria-hidden="true" className="absolute inset-x-1.5 bottom-0 h-0.5 rounded-full bg-lamp" />}
          </Link>
        )
      })}
    </nav>
  )
}

function Filters({ filter }: { filter: ConversationFilter }) {
  const t = useT()
  const queues = useRecords('queue')
  const channels = useRecords('channel')
  const set = (change: Partial<ConversationFilter>) => go(`/inbox/${filter.tab}${tail({ ...filter, ...change })}`)
  const any = { value: '', label: t('inbox.any') }
  const active = !!filter.queueId || !!filter.channelId
  if (queues.length === 0 && channels.length === 0) return null
  return (
    <Menu
      trigger={
        <IconButton label={t('inbox.filter')} className={active ? 'text-accent-text' : undefined}>
          <FilterIcon />
        </IconButton>
      }
    >
      <MenuGroup label={t('word.queue')}>
        <MenuRadio value={filter.queueId ?? ''} onChange={(queueId) => set({ queueId: queueId || undefined })} options={[any, ...queues.map((queue) => ({ value: queue.id, label: queue.name }))]} />
      </MenuGroup>
      <MenuSeparator />
      <MenuGroup label={t('word.channel')}>
        <MenuRadio value={filter.channelId ?? ''} onChange={(channelId) => set({ channelId: channelId || undefined })} options={[any, ...channels.map((channel) => ({ value: channel.id, label: channel.name }))]} />
      </MenuGroup>
    </Menu>
  )
}

/** What the list is narrowed to, with a way out. */
function Chosen({ filter }: { filter: ConversationFilter }) {
  const t = useT()
  const queue = useRecords('queue').find((one) => one.id === filter.queueId)
  const channel = useRecords('channel').find((one) => one.id === filter.channelId)
  if (!filter.queueId && !filter.channelId) return null
  const chip = (label: string, change: Partial<ConversationFilter>) => (
    <button
      key={label}
      type="button"
      onClick={() => go(`/inbox/${filter.tab}${tail({ ...filter, ...change })}`)}
      aria-label={t('inbox.unfilter', { name: label })}
      className="touch inline-flex h-6 items-center gap-1 rounded-md border border-accent-line bg-accent-soft px-2 text-xs font-medium text-accent-text"
    >
      {label}
      <CloseIcon size={12} />
    </button>
  )
  return (
    <div className="flex flex-wrap gap-1.5 border-b border-line px-3 py-2">
      {filter.queueId && chip(queue?.name ?? t('word.queue'), { queueId: undefined })}
      {filter.channelId && chip(channel?.name ?? t('word.channel'), { channelId: undefined })}
    </div>
  )
}

/** Row heights in CSS pixels by density. */
const ROW_PX = { cosy: 72, compact: 54 }
/** Below this offset the reader is at the top and sees new rows come in. */
const TOP_PX = 8

function List({ list, filter, openId, selected, onOpen, hrefOf }: Omit<Props, 'width'>) {
  const t = useT()
  const { density } = usePreferences()
  const scroller = useRef<HTMLDivElement>(null)
  const { rows, fresh, onScroll, toTop } = useAnchored(list.items, scroller)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX[density], overscan: 8, getItemKey: (index) => rows[index]!.id })
  useEffect(() => virtual.measure(), [density, virtual])

  const visible = virtual.getVirtualItems()
  const lastVisible = visible.at(-1)?.index ?? 0
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastVisible >= rows.length - 15) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastVisible, rows.length])

  const selectedAt = rows.findIndex((row) => row.id === selected)
  const moved = useRef(selected)
  useEffect(() => {
    if (moved.current === selected) return
    moved.current = selected
    if (selectedAt >= 0) virtual.scrollToIndex(selectedAt, { align: 'auto' })
  }, [selected, selectedAt, virtual])

  if (list.isPending || (rows.length === 0 && hasNextPage)) return <Loading />
  if (list.isError && rows.length === 0) {
    return <EmptyState icon={<AlertIcon size={20} />} title={t('inbox.failed')} action={<Button onClick={() => void list.refetch()}>{t('action.retry')}</Button>}>{errorWords(list.error)}</EmptyState>
  }
  if (rows.length === 0) return <Empty tab={filter.tab} filtered={!!filter.queueId || !!filter.channelId} />
  return (
    <>
      {fresh > 0 && (
        <button type="button" onClick={toTop} onWheel={(event) => scroller.current?.scrollBy({ top: event.deltaY })} className="absolute top-26 left-1/2 z-10 inline-flex h-7 max-sm:top-28 max-sm:h-9 -translate-x-1/2 animate-enter items-center rounded-full bg-primary px-3 text-xs font-semibold text-on-primary shadow-md">
          {t('inbox.fresh', { count: fresh })}
        </button>
      )}
      <div ref={scroller} onScroll={onScroll} className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
        <ul className="relative" style={{ height: virtual.getTotalSize() }} aria-label={t('inbox.list')}>
          {visible.map((item) => {
            const row = rows[item.index]!
            return (
              <li key={item.key} aria-setsize={hasNextPage ? -1 : rows.length} aria-posinset={item.index + 1} className="absolute inset-x-0 top-0" style={{ height: item.size, transform: `translateY(${item.start}px)` }}>
                <Row conversation={row} href={hrefOf(row.id)} open={row.id === openId} selected={row.id === selected} showAssignee={filter.tab !== 'mine'} onOpen={onOpen} />
              </li>
            )
          })}
        </ul>
        {isFetchingNextPage && <Skeleton className="mx-4 my-3 h-4" />}
      </div>
    </>
  )
}

/**
 * Keeps rows where they are while somebody reads further down: what comes in above is counted and waits for the
 * pill or the way back to the top. Rows that leave the list go at once, and contents stay live.
 */
function useAnchored(items: readonly Conversation[], scroller: { current: HTMLDivElement | null }) {
  const [frozen, setFrozen] = useState<{ ids: ReadonlySet<string>; order: readonly string[]; at: string } | null>(null)
  const rows = useMemo(() => {
    if (!frozen) return items
    const byId = new Map(items.map((item) => [item.id, item]))
    const kept = frozen.order.flatMap((id) => byId.get(id) ?? [])
    // Older pages go on loading below.
    const older = items.filter((item) => !frozen.ids.has(item.id) && item.lastMessageAt <= (kept.at(-1)?.lastMessageAt ?? ''))
    return [...kept, ...older]
  }, [items, frozen])
  const fresh = frozen ? items.filter((item) => item.lastMessageAt > frozen.at).length : 0
  const onScroll = () => {
    const away = (scroller.current?.scrollTop ?? 0) > TOP_PX
    if (away && !frozen) setFrozen({ ids: new Set(items.map((item) => item.id)), order: items.map((item) => item.id), at: items[0]?.lastMessageAt ?? '' })
    else if (!away && frozen) setFrozen(null)
  }
  const toTop = () => {
    setFrozen(null)
    scroller.current?.scrollTo({ top: 0, behavior: 'smooth' })
  }
  return { rows, fresh, onScroll, toTop }
}

function Loading() {
  return (
    <div className="flex flex-col" aria-hidden="true">
      {Array.from({ length: 9 }, (_, index) => (
        <div key={index} className="flex h-18 items-center gap-3 px-4">
          <Skeleton shape="face" className="size-9" />
          <div className="flex flex-1 flex-col gap-2">
            <Skeleton className={index % 3 === 0 ? 'h-3 w-1/2' : 'h-3 w-2/5'} />
            <Skeleton className={index % 2 === 0 ? 'h-3 w-4/5' : 'h-3 w-3/5'} />
          </div>
        </div>
      ))}
    </div>
  )
}

function Empty({ tab, filtered }: { tab: Tab; filtered: boolean }) {
  const t = useT()
  if (filtered) {
    return (
      <EmptyState icon={<FilterIcon size={20} />} title={t('inbox.emptyFiltered')} action={<Button onClick={() => go(`/inbox/${tab}`)}>{t('inbox.clearFilter')}</Button>}>
        {t('inbox.emptyFilteredHint')}
      </EmptyState>
    )
  }
  switch (tab) {
    case 'mine':
      return (
        <EmptyState icon={<CheckIcon size={20} />} title={t('inbox.emptyMine')} action={<Button onClick={() => go('/inbox/unassigned')}>{t('inbox.toUnassigned')}</Button>}>
          {t('inbox.emptyMineHint')}
        </EmptyState>
      )
    case 'unassigned':
      return (
        <EmptyState icon={<CheckIcon size={20} />} title={t('inbox.emptyUnassigned')} action={<Button onClick={() => go('/inbox/all')}>{t('inbox.toAll')}</Button>}>
          {t('inbox.emptyUnassignedHint')}
        </EmptyState>
      )
    case 'all':
      return can('channel.manage') ? (
        <EmptyState icon={<InboxIcon size={20} />} title={t('inbox.emptyAll')} action={<Button kind="primary" onClick={() => go('/welcome')}>{t('inbox.connectChannel')}</Button>}>
          {t('inbox.emptyAllHint')}
        </EmptyState>
      ) : (
        <EmptyState icon={<InboxIcon size={20} />} title={t('inbox.emptyAll')}>{t('inbox.emptyAllAgentHint')}</EmptyState>
      )
    case 'resolved':
      return <EmptyState icon={<ChatIcon size={20} />} title={t('inbox.emptyResolved')}>{t('inbox.emptyResolvedHint')}</EmptyState>
  }
}
