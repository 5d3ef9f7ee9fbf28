import { del, get, patch, post, put, request, upload, type Query } from './client'
import type {
  Assignment,
  Channel,
  ChannelChange,
  ChannelCheck,
  ChannelDay,
  ChannelNotice,
  ChannelSession,
  Contact,
  ContactChange,
  ContactMerge,
  ContactSuggestion,
  DefaultChannel,
  StartConversation,
  Conversation,
  ConversationFilter,
  ConversationWithMessages,
  Counters,
  Credentials,
  DeadLetter,
  Delivery,
  DeviceSession,
  Firm,
  Forwarded,
  FirmChange,
  HandedFile,
  Invitation,
  InvitationAnswer,
  InvitationView,
  Invite,
  Job,
  LoginAnswer,
  Me,
  MeChange,
  Message,
  MessagePage,
  ChannelDefaults,
  NewChannel,
  NewConsent,
  NewFirm,
  NewMediaMessage,
  NewMessage,
  NewQueue,
  NewTemplate,
  NewUser,
  Page,
  Permission,
  Priority,
  Queue,
  QueueChange,
  Role,
  RoleChange,
  SearchAnswer,
  SearchHit,
  SessionAction,
  Setting,
  SettingLevel,
  SettingValue,
  SetupRequest,
  SetupState,
  SystemInfo,
  Timeline,
  Template,
  TemplateChange,
  TemplatesSynced,
  Timer,
  Transfer,
  User,
  UserChange,
  UnmergedContacts,
} from './types'

const anonymous = true
const enc = encodeURIComponent

/** What a page holds at most, and the pages of a list that is wanted whole: nobody employs more than ten thousand people here. */
const PAGE_ROWS = 200
const PAGES_MAX = 50

/** All rows of a list one page can't hold, for names and choices anywhere on the desk. */
export async function everyRow<T>(path: string, query: Query = {}): Promise<T[]> {
  const rows: T[] = []
  let cursor: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer: Page<T> = await get<Page<T>>(path, { ...query, limit: PAGE_ROWS, cursor })
    rows.push(...answer.items)
    cursor = answer.nextCursor ?? null
    if (cursor === null) break
  }
  return rows
}

export const auth = {
  login: (body: Credentials) => request<LoginAnswer>('POST', '/auth/login', { body, anonymous }),
  refresh: () => request<LoginAnswer>('POST', '/auth/refresh', { body: {}, anonymous }),
  logout: () => post<void>('/auth/logout'),
  me: () => get<Me>('/auth/me'),
  updateMe: (body: MeChange) => patch<Me>('/auth/me', body),
  changePassword: (current: string, next: string) => post<LoginAnswer>('/auth/password', { current, next }),
  /** Another firm one belongs to; the answer is a sign-in's. */
  goOver: (companyId: string) => post<LoginAnswer>('/auth/tenant', { companyId }),
  sessions: () => everyRow<DeviceSession>('/auth/sessions'),
  endSession: (id: string) => del(`/auth/sessions/${id}`),
}

export const setup = {
  state: () => request<SetupState>('GET', '/setup', { anonymous }),
  check: (code: string) => request<void>('POST', '/setup/check', { body: { code }, anonymous }),
  create: (body: SetupRequest) => request<LoginAnswer>('POST', '/setup', { body, anonymous }),
}

export const invitations = {
  view: (token: string) => request<InvitationView>('GET', `/invitations/accept/${enc(token)}`, { anonymous }),
  accept: (token: string, body: InvitationAnswer) => request<LoginAnswer>('POST', `/invitations/accept/${enc(token)}`, { body, anonymous }),
  create: (body: Invite) => post<Invitation>('/invitations', body),
  all: () => everyRow<Invitation>('/invitations'),
  withdraw: (id: string) => del(`/invitations/${id}`),
}

export const conversations = {
  list: (filter: ConversationFilter, cursor: string | null, signal?: AbortSignal) =>
    get<Page<Conversation>>('/conversations', { ...filter, limit: 50, cursor }, signal),
  /** By name, phone number, protocol or words of the messages; archived ones apart. */
  search: (q: string, cursor: string | null, signal?: AbortSignal) => get<Page<Conversation>>('/conversations', { q, limit: 50, cursor }, signal),
  /** With somebody who need not have written; the one that is open where there is one. */
  start: (body: StartConversation) => post<Conversation>('/conversations', body),
  get: (id: string) => get<ConversationWithMessages>(`/conversations/${id}`),
  messages: (id: string, cursor: string | null, signal?: AbortSignal) =>
    get<MessagePage>(`/conversations/${id}/messages`, { limit: 50, cursor }, signal),
  /** Without `userId` to the caller; with null to nobody. */
  assign: (id: string, userId?: string | null) => post<Conversation>(`/conversations/${id}/assign`, userId === undefined ? {} : { userId }),
  transfer: (id: string, to: Transfer) => post<Conversation>(`/conversations/${id}/transfer`, to),
  resolve: (id: string) => post<Conversation>(`/conversations/${id}/resolve`, {}),
  reopen: (id: string) => post<Conversation>(`/conversations/${id}/reopen`, {}),
  archive: (id: string) => post<Conversation>(`/conversations/${id}/archive`, {}),
  /** Up to the newest message that was seen: what comes while this is on its way stays unread. */
  read: (id: string, upTo: string) => post<Conversation>(`/conversations/${id}/read`, { upTo }),
  setPriority: (id: string, priority: Priority) => patch<Conversation>(`/conversations/${id}`, { priority }),
  assignments: (id: string) => get<Page<Assignment>>(`/conversations/${id}/assignments`, { limit: 200 }),
  notes: (id: string, cursor: string | null, signal?: AbortSignal) => get<Page<Message>>(`/conversations/${id}/notes`, { limit: 200, cursor }, signal),
  counters: () => get<Counters>('/counters'),
}

/** The file comes last: the server knows what to do with it by then. */
function formOf({ file, ...fields }: NewMediaMessage): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== null && value !== '') form.append(name, String(value))
  form.append('file', file, file.name)
  return form
}

export const messages = {
  send: (body: NewMessage) => post<Message>('/messages/send', body),
  /** `tell` hears how much of the file has gone up, from 0 to 1. */
  sendMedia: (form: NewMediaMessage, signal?: AbortSignal, tell?: (part: number) => void) => upload<Message>('/messages/send-media', formOf(form), { signal, onProgress: tell }),
  get: (id: string) => get<Message>(`/messages/${id}`),
  retry: (id: string) => post<Message>(`/messages/${id}/retry`, {}),
  /** Fetches a message's file once more. */
  retryMedia: (id: string) => post<Message>(`/messages/${id}/media/retry`, {}),
  /** Every attempt and everything heard of it, oldest first. */
  timeline: (id: string) => get<Timeline>(`/messages/${id}/timeline`),
  /** One's own reaction; an empty one takes it back. */
  react: (id: string, emoji: string) => post<Message>(`/messages/${id}/reaction`, { emoji }),
  /** For everyone where the channel can, else out of sight here. */
  remove: (id: string) => del<Message>(`/messages/${id}`),
  forward: (id: string, body: { conversationIds: string[]; clientId?: string }) => post<Forwarded>(`/messages/${id}/forward`, body),
  /** A file that a template is to show. */
  handIn(file: File, tell?: (part: number) => void): Promise<HandedFile> {
    const form = new FormData()
    form.append('file', file, file.name)
    return upload<HandedFile>('/media', form, { onProgress: tell })
  },
  edit: (id: string, content: string) => patch<Message>(`/messages/${id}`, { content }),
  /** What is still to go out in a conversation, soonest first. */
  scheduled: (conversationId: string) => get<Page<Message>>('/messages/scheduled', { conversationId, limit: 200 }),
  reschedule: (id: string, change: { scheduledFor?: string; content?: string }) => patch<Message>(`/messages/${id}/schedule`, change),
  cancelScheduled: (id: string) => del<Message | undefined>(`/messages/${id}/schedule`),
  sendScheduledNow: (id: string) => post<Message>(`/messages/${id}/schedule/now`, {}),
  search: (wanted: { query: string; conversationId?: string; type?: string; direction?: string; channelId?: string; from?: string; limit: number; cursor: string | null }, signal?: AbortSignal) => get<Page<SearchHit>>('/messages/search', wanted, signal),
}

export const contacts = {
  search: (q: string, cursor: string | null, signal?: AbortSignal) => get<Page<Contact>>('/contacts', { q, limit: 50, cursor }, signal),
  get: (id: string) => get<Contact>(`/contacts/${id}`),
  update: (id: string, body: ContactChange) => patch<Contact>(`/contacts/${id}`, body),
  conversations: (id: string) => get<Page<Conversation>>(`/contacts/${id}/conversations`),
  /** Notes what somebody wants to receive. */
  note: (id: string, body: NewConsent) => post<Contact>(`/contacts/${id}/consents`, body),
  merge: (id: string, contactIds: string[]) => post<Contact>(`/contacts/${id}/merge`, { contactIds }),
  merges: (id: string) => get<Page<ContactMerge>>(`/contacts/${id}/merges`),
  unmerge: (id: string, mergeId: string) => post<UnmergedContacts>(`/contacts/${id}/unmerge`, { mergeId }),
  suggestions: (contactId: string) => get<Page<ContactSuggestion>>('/contacts/suggestions', { contactId }),
  dismiss: (suggestionId: string) => post<void>(`/contacts/suggestions/${suggestionId}/dismiss`, {}),
}

export const search = (q: string, signal?: AbortSignal) => get<SearchAnswer>('/search', { q, limit: 20 }, signal)

export const users = {
  all: () => everyRow<User>('/users'),
  create: (body: NewUser) => post<User>('/users', body),
  update: (id: string, body: UserChange) => patch<User>(`/users/${id}`, body),
  remove: (id: string) => del(`/users/${id}`),
  signOut: (id: string) => del(`/users/${id}/sessions`),
}

export const roles = {
  all: () => everyRow<Role>('/roles'),
  create: (body: RoleChange) => post<Role>('/roles', body),
  update: (id: string, body: RoleChange) => patch<Role>(`/roles/${id}`, body),
  remove: (id: string) => del(`/roles/${id}`),
}

/** What a role may be given, and how far. */
export const permissions = { all: () => everyRow<Permission>('/permissions') }

export const queues = {
  all: () => everyRow<Queue>('/queues'),
  create: (body: NewQueue) => post<Queue>('/queues', body),
  update: (id: string, body: QueueChange) => patch<Queue>(`/queues/${id}`, body),
  remove: (id: string) => del(`/queues/${id}`),
}

export const firm = {
  get: () => get<Firm>('/tenant'),
  update: (body: FirmChange) => patch<Firm>('/tenant', body),
}

/** All firms of the box, for who is above them. */
export const firms = {
  all: () => everyRow<Firm>('/tenants'),
  create: (body: NewFirm) => post<Firm>('/tenants', body),
  update: (id: string, body: FirmChange) => patch<Firm>(`/tenants/${id}`, body),
}

export const settings = {
  list: () => get<Page<Setting>>('/settings'),
  /** With null the value is inherited again. */
  put: (key: string, level: SettingLevel, value: SettingValue) => put<Setting>(`/settings/${enc(key)}`, { level, value }),
  /** As they stand for one channel. */
  listOfChannel: (channelId: string) => get<Page<Setting>>(`/settings?level=channel&channelId=${enc(channelId)}`),
  putOfChannel: (key: string, channelId: string, value: SettingValue) => put<Setting>(`/settings/${enc(key)}`, { level: 'channel', channelId, value }),
}

export const channels = {
  all: () => everyRow<Channel>('/channels'),
  create: (body: NewChannel) => post<Channel>('/channels', body),
  /** What a new one is and has where nobody says. */
  defaults: () => get<ChannelDefaults>('/channels/defaults'),
  update: (id: string, body: ChannelChange) => patch<Channel>(`/channels/${id}`, body),
  get: (id: string) => get<Channel>(`/channels/${id}`),
  /** The one that is taken where nobody names one. */
  usual: () => get<DefaultChannel>('/channels/default'),
  check: (id: string) => post<ChannelCheck>(`/channels/${id}/check`, {}),
  testMessage: (id: string, to: string) => post<Message>(`/channels/${id}/test-message`, { to }),
  /** Asked of the session's server now. */
  session: (id: string) => get<ChannelSession>(`/channels/${id}/session`),
  act: (id: string, action: SessionAction) => post<ChannelSession>(`/channels/${id}/actions/${action}`),
  /** Mends what a check found, by the code the check gave. */
  repair: (id: string, code: string) => post<void>(`/channels/${id}/repair/${enc(code)}`, {}),
  notices: (id: string, cursor: string | null) => get<Page<ChannelNotice>>(`/channels/${id}/notices`, { limit: 20, cursor }),
  metrics: (id: string, days: number) => get<{ days: ChannelDay[] }>(`/channels/${id}/metrics`, { days }),
  remove: (id: string) => del(`/channels/${id}`),
}

export const templates = {
  all: (channelId?: string) => everyRow<Template>('/templates', { channelId }),
  get: (id: string) => get<Template>(`/templates/${enc(id)}`),
  /** At the provider, who looks at it before it may be sent. */
  create: (channelId: string, body: NewTemplate) => post<Template>(`/channels/${channelId}/templates`, body),
  update: (id: string, body: TemplateChange) => patch<Template>(`/templates/${enc(id)}`, body),
  remove: (id: string) => del(`/templates/${enc(id)}`),
  sync: (channelId: string) => post<TemplatesSynced>(`/channels/${channelId}/templates/sync`, {}),
}

export const system = { info: () => get<SystemInfo>('/system') }

export const deadLetters = {
  /** Without a kind all open ones; with one, those already decided too. */
  list: (kind: string | undefined, cursor: string | null) => get<Page<DeadLetter>>('/deadletters', { kind, limit: 100, cursor }),
  get: (id: string) => get<DeadLetter>(`/deadletters/${enc(id)}`),
  retry: (id: string) => post<DeadLetter>(`/deadletters/${enc(id)}/retry`, {}),
  discard: (id: string) => post<DeadLetter>(`/deadletters/${enc(id)}/discard`, {}),
}

export const work = {
  jobs: (cursor: string | null) => get<Page<Job>>('/jobs', { limit: 50, cursor }),
  deliveries: (cursor: string | null) => get<Page<Delivery>>('/deliveries', { limit: 50, cursor }),
  timers: (cursor: string | null) => get<Page<Timer>>('/timers', { limit: 50, cursor }),
  cancelJob: (id: string) => post<Job>(`/jobs/${id}/cancel`, {}),
  retryJob: (id: string) => post<Job>(`/jobs/${id}/retry`, {}),
}
