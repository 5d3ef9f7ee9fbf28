import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { contacts, conversations, messages, search } from '@/api/calls'
import type { Contact, Conversation, SearchAnswer } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { go } from '@/app/go'
import { can } from '@/app/session'
import { useDebounced } from '@/lib/debounce'
import { Highlight } from '@/lib/highlight'
import { phoneWords } from '@/lib/phone'
import { Avatar } from '@/ui/avatar'
import { Button } from '@/ui/button'
import { EmptyState, Notice, Skeleton } from '@/ui/feedback'
import { SearchIcon } from '@/ui/icons'
import { Phone } from '@/ui/phone'
import { toast } from '@/ui/toasts'
import { Badge, Overline } from '@/ui/text'
import { starting } from '@/features/conversations/starting'
import { customerName, customerPhone } from '@/features/conversations/words'
import { ALL, asked as narrowedTo, isNarrowed, type Narrowed } from './filters'
import { Filters } from './Narrow'
import { useMore } from './more'

/** Typing rests this long before the server is asked. */
const REST_MS = 220
const LETTERS_MIN = 2

/** Everything by what one remembers of it: people, conversations, and the words of messages. */
export default function Search() {
  const t = useT()
  const given = (useSearch({ strict: false }) as { q?: string }).q ?? ''
  const [text, setText] = useState(given)
  const asked = useDebounced(text.trim(), REST_MS)
  const [by, setBy] = useState(ALL)
  const narrow = isNarrowed(by) && asked.length >= LETTERS_MIN
  const query = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => {
      history.replaceState(history.state, '', `/search?q=${encodeURIComponent(asked)}`)
      return search(asked, signal)
    },
    enabled: asked.length >= LETTERS_MIN,
    staleTime: 15_000,
    placeholderData: (before) => before,
  })
  const answer = asked.length >= LETTERS_MIN ? query.data : undefined
  const nothing = answer && answer.contacts.length + answer.conversations.length + answer.messages.length === 0
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-canvas">
      <div className="border-b border-line bg-surface">
        <label className="mx-auto flex h-13 max-w-3xl items-center gap-3 px-4 sm:px-8">
          <h1 className="sr-only">{t('nav.search')}</h1>
          <SearchIcon size={20} className="text-text-3" />
          <input type="search" autoFocus value={text} onChange={(event) => setText(event.target.value)} placeholder={t('search.placeholder')} className="h-full min-w-0 flex-1 bg-transparent text-lg outline-none [&::-webkit-search-cancel-button]:hidden" />
        </label>
        {asked.length >= LETTERS_MIN && <Filters by={by} onChange={setBy} />}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div aria-busy={query.isFetching} className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-6 sm:px-8">
          {query.error && <Notice tone="bad" role="alert">{errorWords(query.error)}</Notice>}
          {asked.length < LETTERS_MIN && <EmptyState icon={<SearchIcon size={20} />} title={t('search.start')}>{t('search.startHint')}</EmptyState>}
          {narrow && <NarrowedHits asked={asked} by={by} />}
          {!narrow && asked.length >= LETTERS_MIN && query.isPending && <Waiting />}
          {!narrow && nothing && <EmptyState icon={<SearchIcon size={20} />} title={t('search.nothing', { text: asked })}>{t('search.nothingHint')}</EmptyState>}
          {!narrow && answer && <Hits answer={answer} asked={asked} />}
        </div>
      </div>
    </div>
  )
}

const idOf = (one: { id: string }) => one.id

function Hits({ answer, asked }: { answer: SearchAnswer; asked: string }) {
  const t = useT()
  const found = {
    conversations: useMore('conversations', asked, answer.conversations, idOf, (cursor, signal) => conversations.search(asked, cursor, signal)),
    messages: useMore('messages', asked, answer.messages, (hit) => hit.message.id, (cursor, signal) => messages.search({ query: asked, limit: 50, cursor }, signal)),
    contacts: useMore('contacts', asked, answer.contacts, idOf, (cursor, signal) => contacts.search(asked, cursor, signal)),
  }
  return (
    <>
      <Results title={t('search.conversations')} found={found.conversations}>
        {(conversation) => <ConversationHit key={conversation.id} conversation={conversation} query={asked} />}
      </Results>
      <Results title={t('search.messages')} found={found.messages}>
        {({ message, snippet, ranges, conversation }) => <ConversationHit key={message.id} conversation={conversation} query={asked} at={message.createdAt} messageId={message.id} snippet={snippet} ranges={ranges} />}
      </Results>
      <Results title={t('search.contacts')} found={found.contacts}>
        {(contact) => <ContactHit key={contact.id} contact={contact} query={asked} />}
      </Results>
    </>
  )
}

/** Messages alone, narrowed down. */
function NarrowedHits({ asked, by }: { asked: string; by: Narrowed }) {
  const t = useT()
  const [now] = useState(Date.now)
  const query = useInfiniteQuery({
    queryKey: ['search', asked, 'narrowed', by],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => messages.search({ query: asked, ...narrowedTo(by, now), limit: 50, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 15_000,
  })
  const items = query.data?.pages.flatMap((page) => page.items) ?? []
  if (query.isPending) return <Waiting />
  if (query.error && items.length === 0) return <Notice tone="bad" role="alert">{errorWords(query.error)}</Notice>
  if (items.length === 0) return <EmptyState icon={<SearchIcon size={20} />} title={t('search.nothing', { text: asked })}>{t('search.nothingHint')}</EmptyState>
  return (
    <Results title={t('search.messages')} found={{ items, hasMore: query.hasNextPage, busy: query.isFetching, error: query.error, more: () => void query.fetchNextPage() }}>
      {({ message, snippet, ranges, conversation }) => <ConversationHit key={message.id} conversation={conversation} query={asked} at={message.createdAt} messageId={message.id} snippet={snippet} ranges={ranges} />}
    </Results>
  )
}

function Results<T>({ title, found, children }: { title: string; found: ReturnType<typeof useMore<T>>; children: (one: T) => ReactNode }) {
  const t = useT()
  if (found.items.length === 0) return null
  return (
    <section aria-label={title}>
      <Overline level="h2" className="mb-2">{title}</Overline>
      <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface shadow-xs">{found.items.map(children)}</ul>
      {found.error && <Notice tone="bad" role="alert" className="mt-2">{errorWords(found.error)}</Notice>}
      {found.hasMore && <Button kind="quiet" className="mt-1.5" busy={found.busy} onClick={found.more} aria-label={`${t('list.more')}: ${title}`}>{t('list.more')}</Button>}
    </section>
  )
}

/** Somebody found by name or number; opens the last conversation with them. */
function ContactHit({ contact, query }: { contact: Contact; query: string }) {
  const t = useT()
  const name = phoneWords(contact.name)
  const write = () => {
    starting.set({ contact })
    go('/inbox/all')
  }
  const open = useMutation({
    mutationFn: () => contacts.conversations(contact.id),
    onSuccess: ({ items: [last] }) => (last ? go(placeOf(last)) : toast(t('search.noConversation', { name }), can('conversation.reply') ? { action: { label: t('start.write'), perform: write } } : {})),
    onError: (error) => toast(errorWords(error), { tone: 'bad' }),
  })
  return (
    <li>
      <button type="button" aria-busy={open.isPending} onClick={() => open.mutate()} className="flex w-full items-center gap-3 px-4 py-2.5 text-left -outline-offset-2 transition-colors hover:bg-hover">
        <Avatar name={name} id={contact.id} src={contact.avatarUrl} />
        <span className="min-w-0 flex-1">
          <span className="block truncate text-base font-medium"><Highlight text={name} query={query} /></span>
          <span className="tabular block truncate text-xs text-text-3">{[phoneWords(contact.phoneNumber ?? ''), contact.email].filter(Boolean).join(' · ')}</span>
        </span>
      </button>
    </li>
  )
}

const placeOf = (conversation: Conversation) => `/inbox/${conversation.status === 'RESOLVED' || conversation.status === 'ARCHIVED' ? 'resolved' : 'all'}/${conversation.id}`

function ConversationHit({ conversation, query, at, messageId, snippet, ranges }: { conversation: Conversation; query: string; at?: string; messageId?: string; snippet?: string; ranges?: [number, number][] }) {
  const t = useT()
  const format = useFormat()
  const name = customerName(conversation)
  return (
    <li>
      <Link to={`${placeOf(conversation)}${messageId ? `?message=${messageId}` : ''}`} className="flex items-center gap-3 px-4 py-2.5 -outline-offset-2 transition-colors hover:bg-hover">
        <Avatar name={name} id={conversation.contact?.id} src={conversation.contact?.avatarUrl} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2">
            <span className="truncate text-base font-medium"><Highlight text={name} query={query} /></span>
            <span className="tabular text-xs text-text-3">#{conversation.number}</span>
            <span className="flex-1" />
            <time dateTime={at ?? conversation.lastMessageAt} className="tabular shrink-0 text-xs text-text-3">{format.brief(at ?? conversation.lastMessageAt)}</time>
          </span>
          <span className="flex items-center gap-2">
            <span className="truncate-2 min-w-0 flex-1 text-sm text-text-2">{snippet ? <Highlight text={snippet} query={query} ranges={ranges} /> : <Phone value={customerPhone(conversation) ?? ''} className="text-text-3" />}</span>
            {!snippet && conversation.status !== 'ASSIGNED' && <Badge>{t(`conversationStatus.${conversation.status}`)}</Badge>}
          </span>
        </span>
      </Link>
    </li>
  )
}

function Waiting() {
  return (
    <div aria-hidden="true" className="flex flex-col gap-3">
      <Skeleton className="h-3 w-24" />
      <Skeleton shape="box" className="h-16" />
      <Skeleton shape="box" className="h-16" />
    </div>
  )
}
