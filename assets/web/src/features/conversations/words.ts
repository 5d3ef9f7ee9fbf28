import type { Conversation, Message } from '@/api/types'
import { wordsFor } from '@/app/i18n'
import { phoneWords } from '@/lib/phone'

/** The name people know the customer by; a number when there is none. */
export const customerName = (conversation: Conversation): string =>
  phoneWords(conversation.contact?.name || conversation.customerName || conversation.contact?.phoneNumber || conversation.customerPhone || `#${conversation.number}`)

export const customerPhone = (conversation: Conversation): string | null => conversation.contact?.phoneNumber ?? conversation.customerPhone ?? null

/** Types whose content this desk shows; the rest is named honestly and can be looked at as it came. */
export const isShown = (message: Message): boolean => message.type === 'TEXT'

/** One line that stands for a message in a list. */
export function previewWords(type: string, preview: string | null): string {
  if (type === 'TEXT' && preview) return preview
  return preview || typeWords(type)
}

export function typeWords(type: string): string {
  return wordsFor('messageType', type, 'messageType.UNSUPPORTED')
}
