import type { Setting, SettingValue } from '@/api/types'
import { parsed } from '@/features/settings/values'

export const WATCH_HOURS_KEY = 'channel.watchHours'
export const HOURS = ['fromHour', 'untilHour'] as const

/** As typed. */
export type HoursValues = Record<(typeof HOURS)[number], string>

export function hoursOf({ value }: Setting): HoursValues {
  const hours = value as Record<string, SettingValue>
  return { fromHour: String(hours.fromHour ?? ''), untilHour: String(hours.untilHour ?? '') }
}

/** As the server takes it. Text that is no number stays text, so that the server says what is wrong. */
export function wholeHours({ fromHour, untilHour }: HoursValues): SettingValue {
  return { fromHour: parsed(fromHour, 'number'), untilHour: parsed(untilHour, 'number') }
}
