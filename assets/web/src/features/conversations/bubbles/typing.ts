import { socket, type Frame } from '@/app/socket'
import { me } from '@/app/session'
import { createStore, useStore } from '@/lib/store'

/** Somebody who is writing, until when without a further word of it. */
export interface Typist {
  key: string
  name: string
  isColleague: boolean
  /** In ms since 1970. */
  until: number
}

/** A lost "stopped" must not leave dots standing. */
const LONGEST_MS = 30_000
const NOBODY: readonly Typist[] = []
const typists = createStore<Readonly<Record<string, readonly Typist[]>>>({})
let timer: ReturnType<typeof setTimeout> | undefined

export const useTyping = (conversationId: string): readonly Typist[] => useStore(typists, (all) => all[conversationId] ?? NOBODY)

interface Told {
  conversationId?: string
  userId?: string | null
  contactId?: string | null
  name?: string | null
  isTyping?: boolean
  until?: string | null
}

/** Takes one frame; others than those about typing only tell that a customer's words have come. */
export function hearTyping(frame: Frame, now = Date.now()): void {
  if (frame.type === 'message.received') {
    // What they were writing is here.
    const id = (frame.data as { message?: { conversationId?: string } } | undefined)?.message?.conversationId
    if (id) set(id, (typists.get()[id] ?? NOBODY).filter((one) => one.isColleague), now)
    return
  }
  if (frame.type !== 'typing') return
  const told = (frame.data ?? frame) as Told
  const { conversationId, userId, contactId, name, isTyping, until } = told
  if (!conversationId || (userId && userId === me()?.id)) return
  const key = userId ?? `${contactId ?? ''}/${name ?? ''}`
  const others = (typists.get()[conversationId] ?? NOBODY).filter((one) => one.key !== key)
  const end = Math.min(now + LONGEST_MS, until ? Date.parse(until) : now + 12_000)
  set(conversationId, isTyping && end > now ? [...others, { key, name: name ?? '', isColleague: !!userId, until: end }] : others, now)
}

function set(conversationId: string, next: readonly Typist[], now: number): void {
  typists.set((all) => {
    const { [conversationId]: before, ...rest } = all
    if (next.length === 0) return before ? rest : all
    return { ...rest, [conversationId]: next }
  })
  clearTimeout(timer)
  const ends = Object.values(typists.get()).flatMap((list) => list.map((one) => one.until))
  if (ends.length > 0) timer = setTimeout(() => sweep(), Math.max(50, Math.min(...ends) - now))
}

function sweep(now = Date.now()): void {
  for (const [id, list] of Object.entries(typists.get())) {
    const left = list.filter((one) => one.until > now)
    if (left.length < list.length) set(id, left, now)
  }
}

socket.listen((frame) => hearTyping(frame))
