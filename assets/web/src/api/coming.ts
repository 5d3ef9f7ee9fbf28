/**
 * Shapes that the contract names and its file does not hold yet. Each goes as soon as `schema.d.ts` has it; fields are
 * optional here, for a server may be older than its web app.
 */
import type { Entity, Message, NewMessage } from './types'

export interface ChannelFigures {
  inToday: number
  outToday: number
  failedToday: number
  /** Of the last 24 hours. */
  uptimePercent?: number | null
  /** From taken to delivered, today. */
  medianDeliveryMs?: number | null
}
export interface ChannelDay {
  /** A day of the firm's calendar: 2026-11-22. */
  day: string
  in: number
  out: number
  failed: number
  medianDeliveryMs?: number | null
  uptimePercent?: number | null
}
export interface OwnLimits {
  perMinute?: number | null
  perDay?: number | null
}
export interface FileRules {
  mediaMaxBytes?: number | null
  documentMaxBytes?: number | null
  /** MIME types; none means all that the box takes. */
  allowed?: string[] | null
}
export interface ChannelMore {
  figures?: ChannelFigures | null
  limitsOwn?: OwnLimits | null
  fileRules?: FileRules | null
}

export type TemplateCategory = 'MARKETING' | 'UTILITY' | 'AUTHENTICATION'
export type TemplateStatus = 'PENDING' | 'APPROVED' | 'REJECTED' | 'PAUSED' | 'DISABLED' | 'IN_APPEAL' | 'DELETED'
export type TemplateQuality = 'GREEN' | 'YELLOW' | 'RED' | 'UNKNOWN'
export interface TemplateHeader {
  kind: 'TEXT' | 'IMAGE' | 'VIDEO' | 'DOCUMENT' | 'LOCATION'
  text?: string | null
  mediaId?: string | null
}
export interface TemplateButton {
  kind: 'QUICK_REPLY' | 'URL' | 'PHONE' | 'COPY_CODE'
  text: string
  url?: string | null
  phone?: string | null
  example?: string | null
}
export interface TemplateGap {
  name: string
  where: 'header' | 'body' | 'button'
  button?: number | null
  example?: string | null
}
/** A message WhatsApp has looked at before anybody may send it. */
export interface Template extends Entity {
  channelId: string
  externalId?: string | null
  name: string
  language: string
  category: TemplateCategory
  status: TemplateStatus
  reason?: string | null
  quality: TemplateQuality
  header?: TemplateHeader | null
  body: string
  footer?: string | null
  buttons: TemplateButton[]
  variables: TemplateGap[]
  /** The provider's word for a part that can't be filled from here. */
  unsupported?: string | null
  updatedAt: string
}
/** What the provider is told of a template with a code; it writes the words itself. */
export interface TemplateCode {
  warns: boolean
  expiresMinutes?: number | null
}
/** What bringing the list up to date found. */
export interface TemplatesSynced {
  found: number
  created: number
  updated: number
  deleted: number
}
export type NewTemplate = Pick<Template, 'name' | 'language' | 'category' | 'body' | 'buttons' | 'variables'> & { header?: TemplateHeader; footer?: string; code?: TemplateCode }
export type TemplateChange = Partial<Omit<NewTemplate, 'name' | 'language' | 'header' | 'footer'>> & { header?: TemplateHeader | null; footer?: string | null }

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
