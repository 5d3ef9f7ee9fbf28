import { lazy, type ReactNode, type RefObject } from 'react'
import type { Conversation, Template } from '@/api/types'
import type { Abilities } from './abilities'
import type { More } from './contract'
import { OutProvider } from './ways-out'
import type { Attached } from './state'
import type { Tool } from './tools'

const LocationDialog = lazy(() => import('./LocationDialog'))
const CardDialog = lazy(() => import('./CardDialog'))
const InteractiveDialog = lazy(() => import('./InteractiveDialog'))
const PollDialog = lazy(() => import('./PollDialog'))
const TemplateDialog = lazy(() => import('./TemplateDialog'))
const ScheduleDialog = lazy(() => import('./ScheduleDialog'))
const EmojiPicker = lazy(() => import('./EmojiPicker'))

interface Props {
  tool: Tool
  conversation: Conversation
  abilities: Abilities
  area: RefObject<HTMLTextAreaElement | null>
  content: string
  files: readonly Attached[]
  replyTo?: string
  /** The template to begin with. */
  template?: Template
  onSend: (more: More, content?: string) => void
  /** What a tool put together was laid by. */
  onPlanned: () => void
  /** The words and files of the composer were. */
  onScheduled: () => void
  onClose: () => void
}

/** What was opened beside the words; each comes when it is first wanted. */
export default function ToolBox({ tool, conversation, abilities: { limits }, area, content, files, replyTo, template, onSend, onPlanned, onScheduled, onClose }: Props) {
  const out = (dialog: ReactNode) => <OutProvider value={{ conversation, replyTo, onSend, onScheduled: onPlanned }}>{dialog}</OutProvider>
  switch (tool) {
    case 'location':
      return out(<LocationDialog limits={limits} onClose={onClose} />)
    case 'card':
      return out(<CardDialog onClose={onClose} />)
    case 'BUTTONS':
    case 'LIST':
    case 'LINK':
      return out(<InteractiveDialog kind={tool} body={content} limits={limits} onClose={onClose} />)
    case 'poll':
      return out(<PollDialog limits={limits} onClose={onClose} />)
    case 'template':
      return out(<TemplateDialog conversation={conversation} first={template} onClose={onClose} />)
    case 'schedule':
      return <ScheduleDialog conversation={conversation} content={content} files={files} replyTo={replyTo} onScheduled={onScheduled} onClose={onClose} />
    case 'emoji':
      return <EmojiPicker area={area} onClose={onClose} />
    case 'voice':
      return null
  }
}
