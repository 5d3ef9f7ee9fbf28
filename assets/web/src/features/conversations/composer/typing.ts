import { socket } from '@/app/socket'

/** Said again at most this often while somebody goes on writing; the server lets it lapse a few seconds later. */
const AGAIN_MS = 4_000

let said: { conversationId: string; at: number } | null = null

/** Tells colleagues, and customers whose channel shows it, that an answer is being written. */
export function isTyping(conversationId: string): void {
  const now = Date.now()
  if (said?.conversationId === conversationId && now - said.at < AGAIN_MS) return
  if (said && said.conversationId !== conversationId) stopTyping()
  said = { conversationId, at: now }
  socket.send({ type: 'typing', conversationId, isTyping: true })
}

/** The answer was sent, emptied or left. */
export function stopTyping(): void {
  if (!said) return
  socket.send({ type: 'typing', conversationId: said.conversationId, isTyping: false })
  said = null
}
