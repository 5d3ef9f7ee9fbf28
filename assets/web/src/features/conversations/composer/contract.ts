import type { Message, NewMessage } from '@/api/types'

/** What a channel may be able to carry, in the words of its `can`. */
export type Ability =
  | 'TEXT' | 'IMAGE' | 'VIDEO' | 'AUDIO' | 'VOICE' | 'DOCUMENT' | 'STICKER' | 'LOCATION' | 'CONTACT'
  | 'BUTTONS' | 'LIST' | 'URL_BUTTON' | 'POLL' | 'TEMPLATE' | 'REACTION' | 'EDIT' | 'DELETE' | 'TYPING'

/** A poll to be sent; its question is the message's content. */
export interface NewPoll {
  options: string[]
  isMultiple?: boolean
}

/** A template to be sent, its gaps filled. */
export interface NewTemplate {
  templateId: string
  variables: Record<string, string>
  mediaId?: string
}

/** What a message consists of beside its words. */
export interface More {
  type: Message['type']
  location?: NonNullable<Message['location']>
  contacts?: NonNullable<Message['contacts']>
  interactive?: NonNullable<Message['interactive']>
  poll?: NewPoll
  template?: NewTemplate
}

export type Outgoing = NewMessage & Partial<More> & { scheduledFor?: string }
