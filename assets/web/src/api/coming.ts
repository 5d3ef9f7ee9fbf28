/**
 * Shapes that the contract names and its file does not hold yet. Each goes as soon as `schema.d.ts` has it; fields are
 * optional here, for a server may be older than its web app.
 */
import type { Message, NewMessage } from './types'

export interface FileRules {
  mediaMaxBytes?: number | null
  documentMaxBytes?: number | null
  /** MIME types; none means all that the box takes. */
  allowed?: string[] | null
}
export interface ChannelMore {
  fileRules?: FileRules | null
}

/** A template to be sent, its gaps filled. */
export interface TemplateFilled {
  templateId: string
  variables: Record<string, string>
  mediaId?: string
}
/** What a message to be sent consists of beside its words. */
export interface More extends Pick<NewMessage, 'location' | 'contacts' | 'interactive' | 'poll'> {
  type: Message['type']
  template?: TemplateFilled
}
export type Outgoing = NewMessage & Partial<Omit<More, 'type'>>
/** A file handed in, to be named later. */
export interface HandedFile {
  id: string
  type: Message['type']
}
