export type { More } from '@/api/coming'

/** What a channel may be able to carry, in the words of its `can`. */
export type Ability =
  | 'TEXT' | 'IMAGE' | 'VIDEO' | 'AUDIO' | 'VOICE' | 'DOCUMENT' | 'STICKER' | 'LOCATION' | 'CONTACT'
  | 'BUTTONS' | 'LIST' | 'URL_BUTTON' | 'POLL' | 'TEMPLATE' | 'REACTION' | 'EDIT' | 'DELETE' | 'TYPING'
