import type { Message } from '@/api/types'
import { t } from '@/app/i18n'
import { phoneWords } from '@/lib/phone'
import { senderOf } from '../sender'
import type { Reaction } from './contract'
import type { Place } from './place'

type Where = Pick<Place, 'me' | 'customer'>

/** Who did something to a message, in words. */
export function whoWords(by: string | null | undefined, { me, customer }: Where, member?: string | null, name?: string | null): string {
  if (by === me) return t('word.you')
  if (by === 'customer') return customer
  if (by === 'us') return t('bubble.fromPhone')
  if (by === 'member' || !by) return name || (member ? phoneWords(member) : customer)
  return senderOf(by, name) ?? t('thread.firm')
}

export const reactorWords = (reaction: Reaction, where: Where) => whoWords(reaction.by, where, reaction.member)

/** Somebody of a group: the name they gave themselves, else their number. */
export const authorWords = (author: NonNullable<Message['author']>) => author.name || phoneWords(author.address)

/** One of twelve hues, the same for one person everywhere. */
export function hueOf(address: string): number {
  let value = 0
  for (let at = 0; at < address.length; at++) value = (value * 31 + address.charCodeAt(at)) >>> 0
  return (value % 12) * 30 + 10
}
