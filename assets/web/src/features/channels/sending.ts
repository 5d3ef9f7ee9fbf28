import type { Setting, SettingValue } from '@/api/types'
import { parsed } from '@/features/settings/values'

/** The settings that have a card of their own on a channel's screen. */
export const SENDING_KEYS: ReadonlySet<string> = new Set(['channel.retries', 'channel.perSecond'])

/** Under this the settings of one channel are kept. */
export const settingsKey = (channelId: string) => ['setting', 'channel', channelId]

const RETRIES = ['attempts', 'firstPauseSecs', 'longestPauseSecs', 'laneWaitSecs'] as const

/** As typed. */
export type SendingValues = Record<(typeof RETRIES)[number] | 'perSecond', string>

/** What is in force for the channel, as controls hold it. */
export function valuesOfSending(settings: readonly Setting[]): SendingValues {
  const value = (key: string) => settings.find((one) => one.key === key)?.value
  const retries = value('channel.retries') as Record<string, SettingValue> | undefined
  const text = (one: SettingValue | undefined) => (one === undefined || one === null ? '' : String(one))
  return {
    attempts: text(retries?.attempts),
    firstPauseSecs: text(retries?.firstPauseSecs),
    longestPauseSecs: text(retries?.longestPauseSecs),
    laneWaitSecs: text(retries?.laneWaitSecs),
    perSecond: text(value('channel.perSecond')),
  }
}

/** One setting as the server takes it. Text that is no number stays text, so that the server says what is wrong. */
export function whole(key: string, values: SendingValues): SettingValue {
  if (key === 'channel.perSecond') return parsed(values.perSecond, 'number')
  return Object.fromEntries(RETRIES.map((part) => [part, parsed(values[part], 'number')]))
}
