import type { Conversation } from '@/api/types'
import { t, wordsFor } from '@/app/i18n'
import { phoneWords } from '@/lib/phone'
import { plainWords } from './bubbles/format'

/** The name people know the customer by; a number when there is none. */
export const customerName = (conversation: Conversation): string =>
  phoneWords(conversation.contact?.name || conversation.customerName || conversation.contact?.phoneNumber || conversation.customerPhone || `#${conversation.number}`)

export const customerPhone = (conversation: Conversation): string | null => conversation.contact?.phoneNumber ?? conversation.customerPhone ?? null

/** One line that stands for a message in a list: its words without the marks, or what it is. */
export function previewWords(type: string, preview: string | null | undefined, isVoice?: boolean): string {
  return (preview && plainWords(preview)) || preview || typeWords(type, isVoice)
}

export function typeWords(type: string, isVoice?: boolean): string {
  return type === 'AUDIO' && isVoice ? t('bubble.voice') : wordsFor('messageType', type, 'messageType.UNSUPPORTED')
}
