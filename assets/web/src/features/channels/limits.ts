import type { Channel, FileRules, OwnLimits } from '@/api/types'
import { check, type Rule } from '@/lib/check'

/** As files are counted where they are made. */
const MEGABYTE = 1 << 20

/** As typed; empty is no limit. */
export interface LimitValues {
  perMinute: string
  perDay: string
}
const shown = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value))

export function limitsOf({ limitsOwn }: Channel): LimitValues {
  return { perMinute: shown(limitsOwn?.perMinute), perDay: shown(limitsOwn?.perDay) }
}

const whole: Rule = (text) => (/^([1-9]\d{0,6})?$/.test(text.trim()) ? null : 'format')
export const limitProblems = (values: LimitValues) => check({ 'limitsOwn.perMinute': values.perMinute, 'limitsOwn.perDay': values.perDay }, { 'limitsOwn.perMinute': [whole], 'limitsOwn.perDay': [whole] })

/** Both limits as the server takes them; nothing where nothing differs. */
export function limitsChange(channel: Channel, values: LimitValues): OwnLimits | undefined {
  const before = limitsOf(channel)
  const same = (['perMinute', 'perDay'] as const).every((name) => values[name].trim() === before[name])
  return same ? undefined : { perMinute: number(values.perMinute), perDay: number(values.perDay) }
}

const number = (text: string) => (text.trim() === '' ? null : Number(text.trim().replace(',', '.')))

/** File types by what people call them. */
export const FILE_KINDS = {
  pictures: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
  videos: ['video/mp4', 'video/3gpp'],
  audio: ['audio/ogg', 'audio/mpeg', 'audio/mp4', 'audio/aac', 'audio/amr'],
  pdf: ['application/pdf'],
  office: [
    'application/msword',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.ms-excel',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/vnd.ms-powerpoint',
    'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  ],
  text: ['text/plain'],
} as const satisfies Record<string, readonly string[]>

/** Sizes in megabytes as typed; no type named means all of them. */
export interface RuleValues {
  media: string
  document: string
  allowed: readonly string[]
}

export function rulesOf({ fileRules }: Channel): RuleValues {
  const megabytes = (bytes: number | null | undefined) => (bytes === null || bytes === undefined ? '' : String(Math.round((bytes / MEGABYTE) * 1_000) / 1_000))
  return { media: megabytes(fileRules?.mediaMaxBytes), document: megabytes(fileRules?.documentMaxBytes), allowed: fileRules?.allowed ?? [] }
}

type FileKind = keyof typeof FILE_KINDS
const KINDS = Object.keys(FILE_KINDS) as FileKind[]
/** `image/*` stands for all of its family. */
const family = (type: string) => `${type.split('/')[0]}/*`

/** Kinds of which every type is allowed. */
export function kindsOf(allowed: readonly string[]): Set<FileKind> {
  return new Set(KINDS.filter((kind) => FILE_KINDS[kind].every((type) => allowed.includes(type) || allowed.includes(family(type)))))
}

/** The list with one kind allowed or no more; a family that falls leaves its other kinds behind. */
export function toggled(allowed: readonly string[], kind: FileKind, on: boolean): string[] {
  const types: readonly string[] = FILE_KINDS[kind]
  if (on) return [...new Set([...allowed, ...types])]
  const others = [...kindsOf(allowed)].filter((one) => one !== kind).flatMap((one) => FILE_KINDS[one])
  const left = allowed.filter((type) => !types.includes(type) && !types.some((one) => family(one) === type))
  return [...new Set([...left, ...others])]
}

const size: Rule = (text) => (/^(\d{1,4}([.,]\d{1,3})?)?$/.test(text.trim()) && number(text) !== 0 ? null : 'format')
export const rulesProblems = (values: RuleValues) => check({ 'fileRules.mediaMaxBytes': values.media, 'fileRules.documentMaxBytes': values.document }, { 'fileRules.mediaMaxBytes': [size], 'fileRules.documentMaxBytes': [size] })

/** All rules as the server takes them; nothing where nothing differs. */
export function rulesChange(channel: Channel, values: RuleValues): FileRules | undefined {
  const before = rulesOf(channel)
  const types = (list: readonly string[]) => [...list].sort().join(' ')
  const sameSize = (a: string, b: string) => number(a) === number(b)
  if (sameSize(values.media, before.media) && sameSize(values.document, before.document) && types(values.allowed) === types(before.allowed)) return undefined
  const bytes = (text: string) => (text.trim() === '' ? null : Math.round(number(text)! * MEGABYTE))
  return { mediaMaxBytes: bytes(values.media), documentMaxBytes: bytes(values.document), allowed: [...values.allowed] }
}
