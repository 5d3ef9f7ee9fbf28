import type { Message } from '@/api/types'

/** What is shown of a message that was taken back or put out of sight. */
export interface Withdrawn {
  /** `customer`, `us`, `member`, or the id of one of us. */
  revokedBy?: string | null
  /** Out of sight here only; the customer still has it. */
  isHidden?: boolean
}
export type Shown = Message & Withdrawn
export type Media = NonNullable<Message['media']>
export type Reaction = NonNullable<Message['reactions']>[number] & { name?: string | null }
