/**
 * The shapes the API speaks, by the names the screens use. All come from `schema.d.ts`, which is generated from the
 * contract (`npm run api`); nothing is described a second time here.
 */
import type { components, paths } from './schema'

type Schemas = components['schemas']

export interface Entity {
  id: string
  /** Sequence of the last change; of two copies the one with the higher `rev` is newer. */
  rev: number
}
export interface Page<T> {
  items: T[]
  nextCursor?: string | null
}

export type Reach = Schemas['Reach']
export type Language = Schemas['Language']
export type Presence = Schemas['Presence']
export type User = Schemas['User']
export type UserChange = Schemas['UpdateUser']
export type NewUser = Schemas['CreateUser']
export type Me = Schemas['Me']
export type MeChange = Schemas['UpdateMe']
export type Credentials = Schemas['Login']
export type LoginAnswer = Schemas['LoginAnswer']
export type DeviceSession = Schemas['Session']
export type Invite = Schemas['Invite']
export type Invitation = Schemas['Invitation']
export type InvitationView = Schemas['InvitationOffer']
export type InvitationAnswer = Schemas['AcceptBody']
export type Role = Schemas['Role']
export type RoleChange = Schemas['RoleBody']
export type Permission = Schemas['Permission']

export type Firm = Schemas['Tenant']
export type FirmChange = Schemas['UpdateTenant']
export type NewFirm = Schemas['CreateTenant']
export type SettingLevel = Schemas['Level']
/** Any JSON: what a setting's value may be is data too (its `schema`), which the contract can't know. */
export type SettingValue = null | boolean | number | string | SettingValue[] | { [key: string]: SettingValue }
export type Setting = Schemas['SettingView'] & { value: SettingValue; default: SettingValue }
export type SetupState = Schemas['SetupState']
export type SetupRequest = Schemas['SetupRequest']
export type SystemInfo = Schemas['SystemView']

export type ContactMerge = Schemas['ContactMerge']
export type ContactSuggestion = Schemas['ContactSuggestion']
export type DefaultChannel = Schemas['DefaultChannel']
export type StartConversation = Schemas['StartConversation']
export type UnmergedContacts = Schemas['UnmergedContacts']

export type Queue = Schemas['Queue']
export type NewQueue = Schemas['NewQueue']
export type QueueChange = Schemas['QueueChange']
export type Channel = Schemas['Channel']
export type ChannelKind = Schemas['ChannelKind']
export type ChannelStatus = Schemas['ChannelStatus']
export type NewChannel = Schemas['CreateChannel']
export type ChannelDefaults = Schemas['ChannelDefaults']
export type ChannelChange = Schemas['UpdateChannel']
export type FileRules = Schemas['FileRules']
/** One thing a check looked at; `repair` names the call that mends it. */
export type CheckItem = Schemas['CheckItem']
export type ChannelCheck = Schemas['CheckAnswer']
export type ChannelNotice = Schemas['ChannelNotice']
/** A session as its server says it stands. */
export type ChannelSession = Schemas['SessionView']
export type SessionState = Schemas['SessionState']
export type SessionAction = paths['/api/v1/channels/{channelId}/actions/{action}']['post']['parameters']['path']['action']
export type SecretField = Schemas['SecretView']

export type Identity = Schemas['Identity']
export type CompactContact = Schemas['CompactContact']
export type Contact = Schemas['Contact']
export type Consent = Schemas['Consent']
export type NewConsent = Schemas['NoteConsent']
export type ContactChange = Schemas['ContactChange']

export type ConversationStatus = Schemas['ConversationStatus']
export type Priority = Schemas['Priority']
export type Conversation = Schemas['Conversation']
export type ConversationWithMessages = Schemas['ConversationWithMessages']
export type ConversationFilter = Pick<NonNullable<paths['/api/v1/conversations']['get']['parameters']['query']>, 'queueId' | 'channelId'> & { tab: 'mine' | 'unassigned' | 'all' | 'resolved' }
export type Transfer = Schemas['Transfer']
export type Assignment = Schemas['Assignment']
export type Counters = Schemas['Counters']
export type SendWindow = Schemas['SendWindow']
export type LastMessage = Schemas['LastMessage']
export type Direction = Schemas['Direction']
export type MessageStatus = Schemas['MessageStatus']
export type Message = Schemas['Message']
export type MessageError = Schemas['MessageError']
export type MessagePage = Schemas['MessagePage']
export type Forwarded = Schemas['ForwardedMessages']
export type Timeline = Schemas['Timeline']
export type TimelineItem = Schemas['TimelineItem']
/** By the names of the conversation API; the ticket API's stand beside them in the contract. */
export type NewMessage = Schemas['NewMessage'] & { conversationId: string; clientId: string }
/** A file handed in, to be named later. */
export type HandedFile = Schemas['HandedFileView']
/** Sent as a form. */
export type NewMediaMessage = Omit<Schemas['NewMediaMessage'], 'file'> & { file: File }
/** The contract has no word for pairs: a range is `[start, end)`. */
export type SearchHit = Omit<Schemas['MessageHit'], 'ranges'> & { ranges: [number, number][] }
export type SearchAnswer = Omit<Schemas['SearchAnswer'], 'messages'> & { messages: SearchHit[] }

export type DeadLetter = Schemas['DeadLetterView']
export type DeadLetterState = Schemas['DeadLetterState']
export type Job = Schemas['JobView']
export type JobState = Schemas['JobState']
export type Delivery = Schemas['DeliveryView']
export type Timer = Schemas['TimerView']

export type ChannelFigures = Schemas['ChannelFigures']
export type ChannelDay = Schemas['ChannelDay']
export type OwnLimits = Schemas['OwnLimits']

/** A message WhatsApp has looked at before anybody may send it. */
export type Template = Schemas['Template']
export type NewTemplate = Schemas['NewTemplate']
export type TemplateChange = Schemas['TemplateChange']
export type TemplateHeader = Schemas['TemplateHeader']
export type TemplateButton = Schemas['TemplateButton']
export type TemplateGap = Schemas['TemplateGap']
export type TemplateCategory = Template['category']
export type TemplateStatus = Template['status']
export type TemplatesSynced = Schemas['TemplatesSynced']

export type FieldProblem = Schemas['FieldError']
export type Problem = Schemas['Problem']
