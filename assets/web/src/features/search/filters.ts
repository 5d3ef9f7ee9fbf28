import type { Message } from '@/api/types'

/** What messages are narrowed down to; empty words narrow nothing. */
export interface Narrowed {
  type: Message['type'] | ''
  direction: Message['direction'] | ''
  channelId: string
  /** So many days back. */
  days: (typeof SPANS)[number]
}

export const SPANS = ['', '7', '30', '365'] as const
export const KINDS = ['TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT', 'LOCATION', 'CONTACTS', 'POLL'] as const
export const ALL: Narrowed = { type: '', direction: '', channelId: '', days: '' }

const DAY_MS = 86_400_000

export const isNarrowed = (by: Narrowed): boolean => Object.values(by).some((one) => one !== '')

/** As the server is asked. A span begins with a day, so that asking again asks the same. */
export function asked({ type, direction, channelId, days }: Narrowed, now: number) {
  const from = days === '' ? undefined : new Date(Math.floor(now / DAY_MS - Number(days)) * DAY_MS).toISOString()
  return { type: type || undefined, direction: direction || undefined, channelId: channelId || undefined, from }
}
