import { i18n, t } from '@/app/i18n'
import type { Abilities, Limits } from './abilities'

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** A size as people say it: `3.4 MB`. */
export function sizeWords(bytes: number): string {
  const step = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1024)))
  const value = bytes / 1024 ** step
  return new Intl.NumberFormat(i18n.locale || 'en', { style: 'unit', unit: UNITS[step], unitDisplay: step === 0 ? 'long' : 'short', maximumFractionDigits: value < 10 && step > 0 ? 1 : 0 }).format(value)
}

export type FileKind = 'IMAGE' | 'VIDEO' | 'AUDIO' | 'DOCUMENT'
interface Facts {
  name: string
  type: string
  size: number
}

/** Pictures that every phone shows; others arrive as files. */
const PICTURES = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])

/** What the customer will see of a file. */
export function kindOf(file: Pick<Facts, 'type'>, asDocument = false): FileKind {
  if (asDocument) return 'DOCUMENT'
  if (PICTURES.has(file.type)) return 'IMAGE'
  if (file.type.startsWith('video/')) return 'VIDEO'
  return file.type.startsWith('audio/') ? 'AUDIO' : 'DOCUMENT'
}

/** Words below a file; what is only heard has none. */
export const takesCaption = (kind: FileKind): boolean => kind !== 'AUDIO'

const LIMIT_OF: Record<FileKind, keyof Limits> = { IMAGE: 'imageBytes', VIDEO: 'videoBytes', AUDIO: 'audioBytes', DOCUMENT: 'documentBytes' }

export type FileProblem = { code: 'empty' | 'notCarried' | 'notAllowed' } | { code: 'tooLarge'; max: number }

/** Why a file can't go out, before anything is sent; null when it can. */
export function problemOf(file: Facts, asDocument: boolean, { has, limits, allowed }: Abilities): FileProblem | null {
  const kind = kindOf(file, asDocument)
  if (file.size === 0) return { code: 'empty' }
  if (!has(kind)) return { code: 'notCarried' }
  if (allowed.length > 0 && !allowed.some((one) => fits(one, file.type))) return { code: 'notAllowed' }
  const max = limits[LIMIT_OF[kind]]
  return file.size > max ? { code: 'tooLarge', max } : null
}

/** `image/*` as well as `image/png`. */
const fits = (rule: string, mime: string) => (rule.endsWith('/*') ? mime.startsWith(rule.slice(0, -1)) : rule.toLowerCase() === mime.toLowerCase())

export function problemWords(problem: FileProblem): string {
  return problem.code === 'tooLarge' ? t('composer.file.tooLarge', { max: sizeWords(problem.max) }) : t(`composer.file.${problem.code}`)
}
