import type { Setting, SettingLevel, SettingValue } from '@/api/types'

/**
 * A level one may set a value at from the firm's screen: the firm's own where it has one, else the whole box. None
 * where the server was started with a value of its own.
 */
export function editLevel(setting: Setting, mayFirm: boolean, mayBox: boolean): SettingLevel | null {
  if (setting.fixedBy) return null
  if (setting.levels.includes('tenant')) return mayFirm ? 'tenant' : null
  return setting.levels.includes('global') && mayBox ? 'global' : null
}

export type Kind = 'flag' | 'number' | 'text' | 'lines' | 'group'

/** How a value is typed, by the shape of its default. */
export function kindOf(value: SettingValue): Kind {
  if (typeof value === 'boolean') return 'flag'
  if (typeof value === 'number') return 'number'
  if (Array.isArray(value)) return 'lines'
  return typeof value === 'object' && value !== null ? 'group' : 'text'
}

/** A value as a control holds it. */
export function typed(value: SettingValue): string {
  if (Array.isArray(value)) return value.join('\n')
  return value === null || typeof value === 'object' ? '' : String(value)
}

/** What was typed as a value of the same kind. Text that is no number stays text, so that the server says what is wrong. */
export function parsed(text: string, kind: Kind): SettingValue {
  if (kind === 'number') return /^-?\d+([.,]\d+)?$/.test(text.trim()) ? Number(text.trim().replace(',', '.')) : text
  if (kind === 'lines') return text.split('\n').map((line) => line.trim()).filter(Boolean)
  return text.trim()
}
