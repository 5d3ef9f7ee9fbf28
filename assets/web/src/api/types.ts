/** The shapes the API speaks. Screens import types from here only. */

export interface Entity {
  id: string
  /** Sequence of the last change; of two copies the one with the higher `rev` is newer. */
  rev: number
}

export type Reach = 'own' | 'queue' | 'organisation' | 'tenant'
export type Presence = 'ONLINE' | 'AWAY' | 'OFFLINE'

export interface User extends Entity {
  number: number
  name: string
  email: string
  role: string
  status: Presence
  isActive: boolean
  queueIds: string[]
  extension?: string | null
  phone?: string | null
  maxTickets?: number | null
  language?: string | null
  lastLoginAt?: string | null
  lastLogoutAt?: string | null
  createdAt: string
}

export interface Tenant {
  id: string
  name: string
  language: string
  timezone: string
  country: string
  currency: string
}

export interface Me extends User {
  permissions: Record<string, Reach>
  tenant: Tenant
  memberships: { tenantId: string; name: string; role: string }[]
}

export interface LoginAnswer {
  user: User
  token: string
  refreshToken?: string
  /** Seconds the access token stays good. */
  expiresIn: number
}

export interface Queue extends Entity {
  number: number
  name: string
  color?: string | null
  isDefault: boolean
}

export type ChannelStatus = 'CONNECTED' | 'UNVERIFIED' | 'BROKEN' | 'DISABLED'
export interface SecretField {
  set: boolean
  last4?: string | null
}
export interface Channel extends Entity {
  number: number
  kind: string
  name: string
  status: ChannelStatus
  statusReason?: string | null
  isDefault: boolean
  queueId?: string | null
  webhookUrl: string
  verifyToken?: string | null
  config: Record<string, string | number | boolean | SecretField | null>
  lastInboundAt?: string | null
}
export interface ChannelCheck {
  checks: { code: string; ok: boolean; detail?: string | null }[]
  channel: Channel
}

export interface Identity {
  id: string
  kind: string
  value: string
  channelId?: string | null
}
export interface CompactContact {
  id: string
  name: string
  phoneNumber?: string | null
  avatarUrl?: string | null
  isBlocked?: boolean
}
export interface Contact extends Entity, CompactContact {
  number: number
  email?: string | null
  isBlocked: boolean
  identities: Identity[]
  createdAt: string
}

export type ConversationStatus = 'OPEN' | 'ASSIGNED' | 'RESOLVED' | 'ARCHIVED'
export type Priority = 'LOW' | 'NORMAL' | 'HIGH' | 'URGENT'
export type Direction = 'INBOUND' | 'OUTBOUND'
export type MessageStatus = 'PENDING' | 'SENDING' | 'UNKNOWN' | 'SENT' | 'DELIVERED' | 'READ' | 'FAILED'

export interface SendWindow {
  /** Of `text`, `media`, `template`: what may go out as of the answer. */
  kinds: string[]
  /** When that changes by itself. */
  until?: string | null
  /** What may go out from then on. */
  kindsAfter: string[]
  reason?: string | null
}
export interface LastMessage {
  id: string
  type: string
  preview: string
  direction: Direction
  status: MessageStatus
  isPrivate: boolean
  at: string
}
export interface Conversation extends Entity {
  number: number
  protocol: string
  status: ConversationStatus
  priority: Priority
  contact: CompactContact
  customerPhone?: string | null
  customerName?: string | null
  channelId: string
  queueId: string | null
  assignedTo: string | null
  unread: number
  lastMessage?: LastMessage | null
  lastMessageAt: string
  sendWindow?: SendWindow | null
  createdAt: string
  assignedAt?: string | null
  resolvedAt?: string | null
}

export interface MessageError {
  code: string
  reason?: string | null
  nextStep?: string | null
}
export interface Message extends Entity {
  conversationId: string
  direction: Direction
  type: string
  content: string | null
  status: MessageStatus
  clientId?: string | null
  externalId?: string | null
  replyTo?: string | null
  isPrivate: boolean
  isBot: boolean
  senderId?: string | null
  senderName?: string | null
  mediaUrl?: string | null
  error?: MessageError | null
  /** What the provider sent, only in the answer for one message. */
  raw?: unknown
  createdAt: string
  /** Place among messages of one moment. */
  arrival: number
  sentAt?: string | null
  deliveredAt?: string | null
  readAt?: string | null
}

/** One stretch of a conversation with one attendant. */
export interface Assignment {
  id: string
  userId: string
  queueId?: string | null
  /** By whom; absent: by the house. */
  assignedBy?: string | null
  startedAt: string
  /** Absent: goes on. */
  endedAt?: string | null
  reason: 'taken' | 'assigned' | 'transferred' | 'reopened'
}

export interface Counters {
  mine: number
  unassigned: number
  unread: number
}

export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

export interface SearchHit {
  message: Message
  snippet: string
  /** `[start, end)` of each match in the snippet. */
  ranges: [number, number][]
  conversation: Conversation
}
export interface SearchAnswer {
  contacts: Contact[]
  conversations: Conversation[]
  messages: SearchHit[]
}

export interface Invitation {
  id: string
  email: string
  name?: string | null
  role: string
  queueIds: string[]
  url: string
  createdAt: string
  expiresAt: string
}
/** An open invitation in a list: its link was shown once, to whoever made it. */
export type PendingInvitation = Omit<Invitation, 'url'>
export interface InvitationView {
  email: string
  name?: string | null
  company: string
  role: string
  language: string
  /** This e-mail signs in already: its present password is asked for. */
  hasAccount: boolean
  expiresAt: string
}

export interface Role {
  /** Built-in roles have none. */
  id: string | null
  key: string
  name: string
  builtIn: boolean
  /** Key of the built-in role it extends. */
  base?: string | null
  /** All it may do, its base's permissions among them. */
  permissions: Record<string, Reach>
  rev: number
}

/** A signed-in device. */
export interface DeviceSession {
  id: string
  current: boolean
  userAgent: string
  address?: string | null
  createdAt: string
  lastUsedAt: string
  expiresAt: string
}

export interface Firm extends Tenant {
  protocolFormat: string
  rev: number
}

export type SettingLevel = 'global' | 'tenant' | 'channel' | 'user'
export type SettingValue = null | boolean | number | string | SettingValue[] | { [key: string]: SettingValue }
export interface Setting {
  key: string
  /** What it does, in English. */
  about: string
  levels: SettingLevel[]
  value: SettingValue
  /** Where the value is set; null: nowhere, it is the default. */
  origin: SettingLevel | null
  default: SettingValue
}

export interface SetupState {
  needed: boolean
  publicUrl?: string | null
  suggestedLanguage?: string | null
  insecure?: boolean
}
export interface SetupRequest {
  code: string
  language: string
  timezone: string
  country: string
  owner: { name: string; email: string; password: string }
  company: { name: string }
  queue: { name: string }
}

export interface SystemInfo {
  version: string
  build: string
  insecure: boolean
  publicUrl?: string | null
  demo: boolean
  warnings: { code: string; detail: string }[]
}

export type DeadLetterState = 'OPEN' | 'RETRIED' | 'DISCARDED'
/** Something that could not be read, sent or done. */
export interface DeadLetter extends Entity {
  kind: string
  code: string
  reason: string
  subject?: string | null
  attempts: number
  state: DeadLetterState
  at: string
  decidedAt?: string | null
  /** Id of a person, `console` or `system`. */
  decidedBy?: string | null
  /** Bytes of the raw body. */
  size: number
  /** Only in the answer for one letter. */
  raw?: { encoding: 'text' | 'base64'; content: string }
}

export type JobState = 'WAITING' | 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED'
/** One piece of bulk work. */
export interface Job extends Entity {
  number: number
  kind: string
  state: JobState
  done: number
  total?: number | null
  attempts: number
  lastError?: string | null
  nextRun?: string | null
  createdAt: string
  startedAt?: string | null
  finishedAt?: string | null
  /** Id of a person, `console` or `system`. */
  orderedBy: string
}

/** Outgoing work that is not settled yet. */
export interface Delivery {
  id: string
  kind: string
  /** Those of one lane leave in order. */
  lane: string
  state: 'WAITING' | 'IN_FLIGHT' | 'UNKNOWN' | 'HELD'
  attempts: number
  nextRun?: string | null
  createdAt: string
  startedAt?: string | null
  lastCode?: string | null
  lastError?: string | null
}

/** Something that will happen at a time. */
export interface Timer {
  purpose: string
  subject: string
  due: string
  nextRun: string
  attempts: number
  lastError?: string | null
}

export interface FieldProblem {
  field: string
  code: string
  detail: string
}
export interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail: string
  errors?: FieldProblem[]
  requestId?: string
}
