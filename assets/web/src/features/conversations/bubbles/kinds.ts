import { emojiOnly } from './emoji'
import type { Shown } from './contract'

/**
 * How a bubble holds what it shows: `words` inside its padding, `frame` close around a picture, `bare` without paper,
 * `line` across the thread.
 */
export type Look = 'words' | 'frame' | 'bare' | 'line'

export const isGone = (message: Shown): boolean => !!message.revokedAt || !!message.isHidden

export function lookOf(message: Shown): Look {
  if (isGone(message)) return 'words'
  switch (message.type) {
    case 'SYSTEM':
      return 'line'
    case 'STICKER':
      return message.media?.state === 'READY' ? 'bare' : 'words'
    case 'IMAGE':
    case 'VIDEO':
      return message.media ? 'frame' : 'words'
    case 'LOCATION':
      return message.location ? 'frame' : 'words'
    case 'TEXT':
      return !message.isPrivate && !message.replyTo && !message.isForwarded && emojiOnly(message.content) > 0 ? 'bare' : 'words'
    default:
      return 'words'
  }
}
