import { useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ComponentProps, type ReactNode, type RefObject } from 'react'
import { cache, useRecord, useRecords } from '@/api/cache'
import type { ConversationFilter } from '@/api/types'
import { inboxTarget } from '@/app/command-context'
import { useT } from '@/app/i18n'
import { prefer, usePreferences } from '@/app/preferences'
import { useStore } from '@/lib/store'
import { go, type Tab } from '@/app/go'
import { useMe } from '@/app/session'
import { shortcutOf } from '@/app/commands'
import { whenIdle } from '@/lib/idle'
import { usePanes } from '@/lib/media'
import { EmptyState, Skeleton } from '@/ui/feedback'
import { ChatIcon } from '@/ui/icons'
import { Splitter } from '@/ui/splitter'
import { Kbd } from '@/ui/text'
import { archive, reopen, resolve, take } from './actions'
import './commands'
import { AssignDialog, TransferDialog } from './Handover'
import { useConversationList } from './list'
import { ListPane } from './ListPane'
import { useDirectory } from './directory'
import type { Panel } from './Panel'
import { starting } from './starting'
import { useConversationQuery } from './thread'
import { Thread, type ThreadHandle } from './Thread'

const loadPanel = async () => ({ default: (await import('./Panel')).Panel })
const LazyPanel = lazy(loadPanel)
const NewConversation = lazy(() => import('./NewConversation'))

const LIST = { min: 264, max: 520 }
const PANEL = { min: 248, max: 460 }

/** The desk: list, thread and customer side by side; two of them on a small screen, one on a phone. */
export default function Inbox() {
  const t = useT()
  const params = useParams({ strict: false }) as { tab: Tab; conversationId?: string }
  const search = useSearch({ strict: false }) as { queue?: string; channel?: string; message?: string }
  const panes = usePanes()
  const preferences = usePreferences()
  const me = useMe()
  useDirectory()
  useEffect(() => whenIdle(() => void loadPanel().catch(() => undefined)), [])

  const filter = useMemo<ConversationFilter>(() => ({ tab: params.tab, queueId: search.queue, channelId: search.channel }), [params.tab, search.queue, search.channel])
  const list = useConversationList(filter)
  const known = useRecords('conversation')
  const named = params.conversationId ?? null
  // An address may carry the running number; records go by their ids.
  const numbered = named !== null && /^\d+$/.test(named) ? Number(named) : null
  const openId = numbered === null ? named : (known.find((one) => one.number === numbered)?.id ?? named)
  const conversation = useRecord('conversation', openId)
  const [selected, setSelected] = useState<string | null>(openId)
  const [dialog, setDialog] = useState<'assign' | 'transfer' | null>(null)
  const [panelOver, setPanelOver] = useState(false)
  const isStarting = useStore(starting, (asked) => asked !== null)
  const thread = useRef<ThreadHandle>(null)

  const place = useCallback(
    (tab: Tab, id: string | null) => {
      const query = new URLSearchParams()
      if (filter.queueId) query.set('queue', filter.queueId)
      if (filter.channelId) query.set('channel', filter.channelId)
      const tail = query.size > 0 ? `?${query}` : ''
      return `/inbox/${tab}${id ? `/${id}` : ''}${tail}`
    },
    [filter.queueId, filter.channelId],
  )
  const open = useCallback(
    (id: string | null) => {
      if (id) setSelected(id)
      setPanelOver(false)
      go(place(params.tab, id))
    },
    [place, params.tab],
  )

  const showPanel = panes === 3 ? preferences.panelOpen : panelOver
  const togglePanel = useCallback(() => {
    if (panes === 3) prefer({ panelOpen: !preferences.panelOpen })
    else setPanelOver((shown) => !shown)
  }, [panes, preferences.panelOpen])

  useInboxTarget({ items: list.items, openId, selected, setSelected, open, thread, setDialog, togglePanel, me: me.id })

  const showList = panes > 1 || !openId
  const showThread = panes > 1 || openId !== null
  return (
    <>
      {showList && (
        <>
          <ListPane
            list={list}
            filter={filter}
            openId={openId}
            selected={selected}
            onOpen={open}
            hrefOf={(id) => place(params.tab, id)}
            width={panes === 1 ? undefined : preferences.listWidth}
          />
          {panes > 1 && <Splitter label={t('inbox.resizeList')} value={preferences.listWidth} {...LIST} onChange={(listWidth) => prefer({ listWidth })} />}
        </>
      )}
      {showThread && (
        <section aria-label={t('inbox.conversation')} className="relative flex min-w-0 flex-1 flex-col bg-canvas">
          {openId ? (
            <Thread
              key={openId}
              ref={thread}
              conversationId={openId}
              messageId={search.message}
              onBack={panes === 1 ? () => open(null) : undefined}
              onAssign={() => setDialog('assign')}
              onTransfer={() => setDialog('transfer')}
              panelShown={showPanel}
              onTogglePanel={togglePanel}
            />
          ) : (
            <NothingOpen />
          )}
          {openId && panes < 3 && showPanel && (
            <div className="absolute inset-0 z-20 flex justify-end bg-shade">
              <button type="button" className="flex-1" aria-label={t('action.close')} onClick={togglePanel} />
              <Customer conversationId={openId} width={panes === 1 ? undefined : 320} onClose={togglePanel} onAssign={() => setDialog('assign')} onTransfer={() => setDialog('transfer')} />
            </div>
          )}
        </section>
      )}
      {openId && panes === 3 && showPanel && (
        <Customer
          conversationId={openId}
          width={preferences.panelWidth}
          onClose={togglePanel}
          onAssign={() => setDialog('assign')}
          onTransfer={() => setDialog('transfer')}
          edge={<Splitter label={t('inbox.resizePanel')} value={preferences.panelWidth} {...PANEL} reversed onChange={(panelWidth) => prefer({ panelWidth })} />}
        />
      )}
      {isStarting && <Suspense><NewConversation /></Suspense>}
      {conversation && (
        <>
          <AssignDialog conversation={conversation} open={dialog === 'assign'} onOpenChange={(next) => setDialog(next ? 'assign' : null)} />
          <TransferDialog conversation={conversation} open={dialog === 'transfer'} onOpenChange={(next) => setDialog(next ? 'transfer' : null)} />
        </>
      )}
    </>
  )
}

/** The customer's panel; its place is kept while it comes, so that the thread beside it never changes its width. */
function Customer({ edge, ...props }: ComponentProps<typeof Panel> & { edge?: ReactNode }) {
  const t = useT()
  const { conversationId, width } = props
  const { isError } = useConversationQuery(conversationId)
  const isKnown = useRecord('conversation', conversationId) !== undefined
  // The thread says that it is gone; there is nobody to show.
  if (isError && !isKnown) return null
  const room = (
    <aside aria-label={t('panel.title')} aria-busy="true" className="flex shrink-0 flex-col bg-surface max-sm:w-full" style={width ? { width } : undefined}>
      <div className="h-13 shrink-0 border-b border-line" />
      <Skeleton className="m-4 h-40" />
    </aside>
  )
  return (
    <>
      {edge}
      <Suspense fallback={room}><LazyPanel {...props} /></Suspense>
    </>
  )
}

function NothingOpen() {
  const t = useT()
  const keys: [string, string | undefined][] = [
    [t('command.nextConversation'), shortcutOf('list.next')],
    [t('command.openConversation'), shortcutOf('list.open')],
    [t('command.palette'), shortcutOf('app.palette')],
    [t('command.help'), '?'],
  ]
  return (
    <EmptyState className="flex-1" icon={<ChatIcon size={22} />} title={t('inbox.nothingOpen')}>
      <p>{t('inbox.nothingOpenHint')}</p>
      <dl className="mx-auto mt-5 grid w-56 gap-1.5 text-left">
        {keys.map(
          ([words, keyWords]) =>
            keyWords && (
              <div key={words} className="flex items-center justify-between text-xs">
                <dt>{words}</dt>
                <dd className="flex gap-1">{keyWords.split(' ').map((key) => <Kbd key={key}>{key}</Kbd>)}</dd>
              </div>
            ),
        )}
      </dl>
    </EmptyState>
  )
}

interface Desk {
  items: readonly { id: string }[]
  openId: string | null
  selected: string | null
  setSelected: (id: string) => void
  open: (id: string | null) => void
  thread: RefObject<ThreadHandle | null>
  setDialog: (dialog: 'assign' | 'transfer') => void
  togglePanel: () => void
  me: string
}

/** Lends this desk to the command table while it is on screen. */
function useInboxTarget(desk: Desk): void {
  const conversation = useRecord('conversation', desk.openId)
  useEffect(() => {
    const { items, openId, selected } = desk
    const after = (by: 1 | -1) => {
      const at = items.findIndex((item) => item.id === (selected ?? openId))
      return items[Math.max(0, Math.min(items.length - 1, at + by))]?.id ?? null
    }
    inboxTarget.set({
      conversationId: conversation?.id ?? null,
      status: conversation?.status ?? null,
      assignedToMe: conversation?.assignedTo === desk.me,
      hasSelection: selected !== null && cache.get('conversation', selected) !== undefined,
      step: (by) => {
        const next = after(by)
        if (next) desk.setSelected(next)
      },
      openSelected: () => selected && desk.open(selected),
      focusComposer: (kind) => desk.thread.current?.focusComposer(kind),
      find: () => desk.thread.current?.find(),
      take: () => openId && void take(openId),
      openAssign: () => desk.setDialog('assign'),
      openTransfer: () => desk.setDialog('transfer'),
      resolve: (andNext) => {
        if (!openId) return
        const next = andNext ? items[items.findIndex((item) => item.id === openId) + 1]?.id : undefined
        void resolve(openId)
        if (next) desk.open(next)
      },
      reopen: () => openId && void reopen(openId),
      archive: () => openId && void archive(openId),
      close: () => desk.open(null),
      togglePanel: desk.togglePanel,
    })
  }, [desk, conversation])
  useEffect(() => () => inboxTarget.set(null), [])
}
