import { useRecord } from '@/api/cache'
import { react } from './acts'
import type { Shown } from './contract'
import { Edits, WhoReacted } from './Details'
import { EmojiPicker } from './EmojiPicker'
import { ForwardDialog } from './ForwardDialog'
import { Lightbox } from './Lightbox'
import { MessageMenu } from './MessageMenu'
import { MessageSheet } from './MessageSheet'
import { leaveOver, type Over } from './over'
import { usePlace } from './place'

/** Whatever lies over the thread; loaded when the first of it is wanted. */
export default function Overlays({ over }: { over: Over }) {
  const place = usePlace()
  const message = useRecord('message', over.messageId) as Shown | undefined
  // A frame may take the message away while its menu is open.
  if (!message || message.conversationId !== place.conversationId) return null
  switch (over.kind) {
    case 'menu':
      return <MessageMenu message={message} anchor={over.anchor} />
    case 'sheet':
      return <MessageSheet message={message} />
    case 'emoji':
      return <EmojiPicker anchor={over.anchor} onPick={(emoji) => void react(message, place.me, emoji)} onClose={leaveOver} />
    case 'reactions':
      return <WhoReacted message={message} anchor={over.anchor} />
    case 'edits':
      return <Edits message={message} anchor={over.anchor} />
    case 'forward':
      return <ForwardDialog message={message} />
    case 'picture':
      return <Lightbox message={message} />
  }
}
