import type { components } from '@/api/schema'
import type { Message, NewMessage } from '@/api/types'

/** What a message to be sent consists of beside its words. */
export interface More extends Pick<NewMessage, 'location' | 'contacts' | 'interactive' | 'poll' | 'template'> {
  type: Message['type']
}

/** What a channel may be able to carry. */
export type Ability = components['schemas']['Ability']
