import { createStore, useStore } from '@/lib/store'

/** What lies over the thread: one thing at a time, about one message. */
export interface Over {
  kind: 'menu' | 'sheet' | 'emoji' | 'reactions' | 'edits' | 'forward' | 'picture'
  messageId: string
  /** Beside what it opens, and where the focus goes back to. */
  anchor?: HTMLElement
}

const over = createStore<Over | null>(null)

export const showOver = (next: Over) => over.set(next)
export const closeOver = () => over.set(null)
/** Goes back to where the focus was before, once what lies over the thread is gone. */
export function leaveOver(): void {
  const anchor = over.get()?.anchor
  over.set(null)
  requestAnimationFrame(() => anchor?.isConnected && anchor.focus({ preventScroll: true }))
}
export const useOver = () => useStore(over)
/** Is something of this message open? Then its tools stay in sight. */
export const useIsOver = (messageId: string | undefined) => useStore(over, (now) => now !== null && now.messageId === messageId)
