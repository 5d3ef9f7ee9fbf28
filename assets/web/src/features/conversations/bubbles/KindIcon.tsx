import { createElement, type ComponentType } from 'react'
import type { Message } from '@/api/types'
import { BasketIcon, CardIcon, ChatIcon, FileIcon, InfoIcon, ListIcon, MicIcon, PictureIcon, PinIcon, PollIcon, QuestionIcon, SmileIcon, StickerIcon, VideoIcon } from '@/ui/icons'

type Icon = ComponentType<{ size?: number; className?: string }>

const ICONS: Record<Exclude<Message['type'], 'TEXT'>, Icon> = {
  IMAGE: PictureIcon,
  DOCUMENT: FileIcon,
  AUDIO: MicIcon,
  VIDEO: VideoIcon,
  STICKER: StickerIcon,
  LOCATION: PinIcon,
  CONTACTS: CardIcon,
  INTERACTIVE: ListIcon,
  REACTION: SmileIcon,
  ORDER: BasketIcon,
  TEMPLATE: ChatIcon,
  SYSTEM: InfoIcon,
  UNSUPPORTED: QuestionIcon,
  POLL: PollIcon,
}

/** Stands before a kind's words in a line; nothing before plain text. */
export function KindIcon({ type, isVoice, size = 13 }: { type: string; isVoice?: boolean; size?: number }) {
  const icon = type === 'AUDIO' && !isVoice ? FileIcon : ICONS[type as keyof typeof ICONS]
  return icon ? createElement(icon, { size, className: 'shrink-0' }) : null
}
