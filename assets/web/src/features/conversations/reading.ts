import { useEffect, useRef } from 'react'
import type { Conversation, Message } from '@/api/types'
import { can } from '@/app/session'
import { markRead } from './actions'
import type { Item } from './thread'

/** How long the newest message is in sight before it counts as read. */
const READ_MS = 600

/**
 * Seen means seen: the tab in front, the newest message in sight, and the conversation one's own or nobody's. A
 * supervisor who looks in takes no unread mark from the person who has to answer.
 */
export function useReading(conversation: Conversation, me: string, away: boolean, newest: string | null): void {
  const { id, unread, assignedTo } = conversation
  const mine = (!assignedTo || assignedTo === me) && can('conversation.reply')
  const waits = unread > 0 && !away && mine
  // Said once for each newest message: a refusal brings the count back, and must not be asked for again at once.
  const said = useRef<string | null>(null)
  useEffect(() => {
    if (!waits || newest === null) return
    const read = () => {
      if (document.visibilityState !== 'visible' || !document.hasFocus()) return
      said.current = newest
      void markRead(id, newest)
    }
    const timer = said.current === newest ? undefined : setTimeout(read, READ_MS)
    addEventListener('focus', read)
    return () => {
      clearTimeout(timer)
      removeEventListener('focus', read)
    }
  }, [id, waits, newest])
}

/** The message that came last, wherever it stands in the thread. */
export function newestOf(items: readonly Item[]): string | null {
  let newest: Message | null = null
  for (const { message } of items) if (message && (newest === null || message.arrival > newest.arrival)) newest = message
  return newest?.id ?? null
}
