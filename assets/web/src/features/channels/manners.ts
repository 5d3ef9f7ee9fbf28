import type { Setting, SettingValue } from '@/api/types'
import { parsed } from '@/features/settings/values'

export const MANNERS_KEY = 'channel.manners'

/** As controls hold it; pauses in milliseconds. */
export interface MannersValues {
  seen: boolean
  typing: boolean
  pauseMinMs: string
  pauseMaxMs: string
}

export function mannersOf({ value }: Setting): MannersValues {
  const manners = value as Record<string, SettingValue>
  return { seen: manners.seen === true, typing: manners.typing === true, pauseMinMs: String(manners.pauseMinMs ?? ''), pauseMaxMs: String(manners.pauseMaxMs ?? '') }
}

/** As the server takes it. Text that is no number stays text, so that the server says what is wrong. */
export function wholeManners({ seen, typing, pauseMinMs, pauseMaxMs }: MannersValues): SettingValue {
  return { seen, typing, pauseMinMs: parsed(pauseMinMs, 'number'), pauseMaxMs: parsed(pauseMaxMs, 'number') }
}
