import type { Message } from '@/api/types'

/** A message as bubbles show it. */
export type Shown = Message
export type Media = NonNullable<Message['media']>
export type Reaction = NonNullable<Message['reactions']>[number]
export type Act = NonNullable<Message['acts']>[number]
