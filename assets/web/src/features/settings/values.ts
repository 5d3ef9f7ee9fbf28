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

/** What the schema of a value says of it, as far as forms ask. */
interface Shape {
  type?: string | readonly string[]
  properties?: Record<string, Shape>
}

const typesOf = (shape: unknown): readonly string[] => [(shape as Shape | undefined)?.type ?? []].flat()

/** The shape of one part of a grouped value. */
export const partOf = (schema: unknown, part: string): unknown => (schema as Shape | undefined)?.properties?.[part]

/** May the value be left out? Then the usual one counts. */
export const isOptional = (shape: unknown): boolean => typesOf(shape).includes('null')

/** How a value is typed, by the shape of its default; where that is nothing, by the schema. */
export function kindOf(value: SettingValue, shape?: unknown): Kind {
  if (value === null) {
    const types = typesOf(shape)
    if (types.includes('boolean')) return 'flag'
    if (types.includes('integer') || types.includes('number')) return 'number'
    if (types.includes('array')) return 'lines'
  }
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
export function parsed(text: string, kind: Kind, optional = false): SettingValue {
  if (optional && text.trim() === '') return null
  if (kind === 'number') return /^-?\d+([.,]\d+)?$/.test(text.trim()) ? Number(text.trim().replace(',', '.')) : text
  if (kind === 'lines') return text.split('\n').map((line) => line.trim()).filter(Boolean)
  return text.trim()
}
