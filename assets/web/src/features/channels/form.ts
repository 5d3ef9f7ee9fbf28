import type { Channel, ChannelChange, NewChannel, SecretField } from '@/api/types'
import { atMost, check, required, webAddress, type Rule } from '@/lib/check'

/** Settings of a WhatsApp number, as Meta's pages call them. */
export const PLAIN = ['phoneNumberId', 'businessAccountId', 'baseUrl'] as const
/** Written, never read back. */
export const SECRETS = ['accessToken', 'appSecret', 'verifyToken'] as const
export type Setting = (typeof PLAIN)[number] | (typeof SECRETS)[number]

export interface ChannelValues {
  name: string
  /** Empty: the firm's default queue. */
  queueId: string
  config: Partial<Record<Setting, string>>
}

export const EMPTY: ChannelValues = { name: 'WhatsApp', queueId: '', config: {} }

type Config = Channel['config']

/** What Meta's number is made of, where the channel is one. */
export function cloudOf({ config }: Channel): Extract<Config, { phoneNumberId: string }> | undefined {
  return 'phoneNumberId' in config ? config : undefined
}

/** What a WAHA session is made of, where the channel is one. */
export function wahaOf({ config }: Channel): Extract<Config, { session: string }> | undefined {
  return 'session' in config ? config : undefined
}

/** The number people know the channel by, and the name they see. */
export function faceOf(channel: Channel): { number?: string | null | undefined; name?: string | null | undefined } {
  const [cloud, waha] = [cloudOf(channel), wahaOf(channel)]
  return { number: cloud?.displayPhoneNumber ?? waha?.phoneNumber, name: cloud?.verifiedName ?? waha?.profileName }
}

/** What the form shows of a channel; secrets begin empty, for they can only be replaced. */
export function valuesOf(channel: Channel): ChannelValues {
  const config: ChannelValues['config'] = {}
  const stored = cloudOf(channel)
  for (const name of PLAIN) config[name] = stored?.[name] ?? ''
  return { name: channel.name, queueId: channel.queueId ?? '', config }
}

export function secretOf(channel: Channel | undefined, name: Setting): SecretField | undefined {
  return name === 'accessToken' || name === 'appSecret' ? channel && cloudOf(channel)?.[name] : undefined
}

export function newChannel(values: ChannelValues): NewChannel {
  return { kind: 'whatsapp_cloud', name: values.name.trim(), ...(values.queueId && { queueId: values.queueId }), config: filled(values.config) }
}

/** Only what differs. An emptied setting is taken away where the channel can do without it, else no change. */
export function changeOf(channel: Channel, values: ChannelValues): ChannelChange {
  const change: ChannelChange = {}
  if (values.name.trim() !== channel.name) change.name = values.name.trim()
  if (values.queueId !== (channel.queueId ?? '')) change.queueId = values.queueId || null
  const stored = cloudOf(channel)
  const config: Record<string, string | null> = filled(values.config)
  for (const name of PLAIN) {
    const before = stored?.[name] ?? ''
    if (config[name] === before) delete config[name]
    else if (name !== 'phoneNumberId' && before !== '' && values.config[name]?.trim() === '') config[name] = null
  }
  if (Object.keys(config).length > 0) change.config = config
  return change
}

/** Meta's ids are digits; those of a stand-in may have letters. */
const accountId: Rule = (text) => (/^[\w-]{0,64}$/.test(text.trim()) ? null : 'format')

/** What can be seen to be wrong without asking. What a channel has already may stay empty here. */
export function problemsOf({ name, config }: ChannelValues, channel?: Channel) {
  const values = { name, ...Object.fromEntries(PLAIN.map((setting) => [`config.${setting}`, config[setting] ?? ''])) }
  return check(values, {
    name: [required, atMost(80)],
    'config.phoneNumberId': channel ? [accountId] : [required, accountId],
    'config.businessAccountId': [accountId],
    'config.baseUrl': [webAddress, atMost(300)],
  })
}

function filled(config: ChannelValues['config']): Record<string, string> {
  const pairs = Object.entries(config).map(([name, value]) => [name, value.trim()] as const)
  return Object.fromEntries(pairs.filter(([, value]) => value !== ''))
}

/** The stored reason is "code: words"; provider codes are numbers, ours are names. */
export function reasonParts(reason: string): { code: string | null; words: string } {
  const match = /^([a-z0-9_]{1,40}): (.+)$/s.exec(reason)
  return match ? { code: match[1]!, words: match[2]! } : { code: null, words: reason }
}
