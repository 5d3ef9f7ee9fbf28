import type { Channel, ChannelChange, ChannelKind, NewChannel, SecretField } from '@/api/types'
import { atMost, check, required, webAddress, type Rule } from '@/lib/check'

type Config = Channel['config']
type WahaMore = { silentAfterMinutes?: number | null; pollSeconds?: number | null; sessionFolder?: string | null }

/** What Meta's number is made of, where the channel is one. */
export function cloudOf({ config }: Channel): Extract<Config, { phoneNumberId: string }> | undefined {
  return 'phoneNumberId' in config ? config : undefined
}

/** What a WAHA session is made of, where the channel is one. */
export function wahaOf({ config }: Channel): (Extract<Config, { session: string }> & WahaMore) | undefined {
  return 'session' in config ? config : undefined
}

/** The number people know the channel by, and the name they see. */
export function faceOf(channel: Channel): { number?: string | null | undefined; name?: string | null | undefined } {
  const [cloud, waha] = [cloudOf(channel), wahaOf(channel)]
  return { number: cloud?.displayPhoneNumber ?? waha?.phoneNumber, name: cloud?.verifiedName ?? waha?.profileName }
}

/** One setting of a kind of channel: how it is typed, and what may be done to it. */
export interface Part {
  name: string
  /** `secret`: written, never read back. `count`: a whole number. `style`: one of the path styles. */
  as: 'text' | 'id' | 'address' | 'secret' | 'count' | 'style'
  /** A channel can't be without it. */
  required?: boolean
  /** Folded away where a channel is connected. */
  rare?: boolean
  /** `null` takes it away again. */
  clears?: boolean
  /** Only servers that show it take it. */
  newer?: boolean
}

export const PARTS: Record<ChannelKind, readonly Part[]> = {
  whatsapp_cloud: [
    { name: 'phoneNumberId', as: 'id', required: true },
    { name: 'businessAccountId', as: 'id', clears: true },
    { name: 'accessToken', as: 'secret' },
    { name: 'appSecret', as: 'secret' },
    { name: 'verifyToken', as: 'secret', rare: true },
    { name: 'baseUrl', as: 'address', rare: true, clears: true },
  ],
  waha: [
    { name: 'baseUrl', as: 'address' },
    { name: 'apiKey', as: 'secret' },
    { name: 'session', as: 'text' },
    { name: 'pathStyle', as: 'style', rare: true },
    { name: 'hmacKey', as: 'secret', rare: true },
    { name: 'silentAfterMinutes', as: 'count', rare: true, clears: true, newer: true },
    { name: 'pollSeconds', as: 'count', rare: true, clears: true, newer: true },
    { name: 'sessionFolder', as: 'text', rare: true, clears: true, newer: true },
  ],
}

export interface ChannelValues {
  kind: ChannelKind
  name: string
  /** Empty: the firm's default queue. */
  queueId: string
  /** As typed, by the part's name. */
  config: Partial<Record<string, string>>
}

export const emptyOf = (kind: ChannelKind): ChannelValues => ({ kind, name: 'WhatsApp', queueId: '', config: {} })

/** The parts a channel has, or one that is being connected. */
export function partsOf(kind: ChannelKind, channel?: Channel): readonly Part[] {
  return PARTS[kind].filter((part) => !part.newer || (channel && part.name in channel.config))
}

const stored = (channel: Channel, name: string) => (channel.config as unknown as Record<string, unknown>)[name]

/** What the form shows of a channel; secrets begin empty, for they can only be replaced. */
export function valuesOf(channel: Channel): ChannelValues {
  const config: ChannelValues['config'] = {}
  for (const { name, as } of partsOf(channel.kind, channel)) if (as !== 'secret') config[name] = shown(stored(channel, name))
  return { kind: channel.kind, name: channel.name, queueId: channel.queueId ?? '', config }
}

const shown = (value: unknown) => (value === null || value === undefined ? '' : String(value))

export function secretOf(channel: Channel | undefined, name: string): SecretField | undefined {
  const value = channel && stored(channel, name)
  return typeof value === 'object' && value !== null ? (value as SecretField) : undefined
}

export function newChannel(values: ChannelValues): NewChannel {
  return { kind: values.kind, name: values.name.trim(), ...(values.queueId && { queueId: values.queueId }), config: filled(values) as NewChannel['config'] }
}

/** Only what differs. An emptied setting is taken away where the channel can do without it, else no change. */
export function changeOf(channel: Channel, values: ChannelValues): ChannelChange {
  const change: ChannelChange = {}
  if (values.name.trim() !== channel.name) change.name = values.name.trim()
  if (values.queueId !== (channel.queueId ?? '')) change.queueId = values.queueId || null
  const config = filled(values)
  for (const { name, as, clears } of partsOf(channel.kind, channel)) {
    if (as === 'secret') continue
    const before = shown(stored(channel, name))
    if (shown(config[name]) === before) delete config[name]
    else if (clears && values.config[name]?.trim() === '') config[name] = null
  }
  if (Object.keys(config).length > 0) change.config = config as ChannelChange['config']
  return change
}

/** Meta's ids are digits; those of a stand-in may have letters. */
const accountId: Rule = (text) => (/^[\w-]{0,64}$/.test(text.trim()) ? null : 'format')
const count: Rule = (text) => (/^\d{0,6}$/.test(text.trim()) ? null : 'format')

const RULES: Record<Part['as'], readonly Rule[]> = { text: [atMost(300)], id: [accountId], address: [webAddress, atMost(300)], count: [count], secret: [], style: [] }

/** What can be seen to be wrong without asking. What a channel has already may stay empty here. */
export function problemsOf(values: ChannelValues, channel?: Channel) {
  const parts = partsOf(values.kind, channel)
  const typed = { name: values.name, ...Object.fromEntries(parts.map(({ name }) => [`config.${name}`, values.config[name] ?? ''])) }
  const rules = Object.fromEntries(parts.map((part) => [`config.${part.name}`, part.required && !channel ? [required, ...RULES[part.as]] : RULES[part.as]]))
  return check(typed, { name: [required, atMost(80)], ...rules })
}

function filled({ kind, config }: ChannelValues): Record<string, string | number | null> {
  const pairs = PARTS[kind].map(({ name, as }) => [name, as, config[name]?.trim() ?? ''] as const)
  return Object.fromEntries(pairs.filter(([, , value]) => value !== '').map(([name, as, value]) => [name, as === 'count' ? Number(value) : value]))
}

/** The stored reason is "code: words"; provider codes are numbers, ours are names. */
export function reasonParts(reason: string): { code: string | null; words: string } {
  const match = /^([a-z0-9_]{1,40}): (.+)$/s.exec(reason)
  return match ? { code: match[1]!, words: match[2]! } : { code: null, words: reason }
}
