import type { DeadLetter } from '@/api/types'

/** Bytes and how they are shown: pretty JSON where they are JSON, else as they came. */
export function rawWords(raw: NonNullable<DeadLetter['raw']>): { text: string; kind: 'json' | 'text' | 'base64' } {
  if (raw.encoding === 'base64') return { text: raw.content, kind: 'base64' }
  try {
    // A bare number or word is JSON too, but nobody would call it so; and big numbers would lose digits.
    const value: unknown = JSON.parse(raw.content)
    if (value !== null && typeof value === 'object' && !losesDigits(raw.content)) return { text: JSON.stringify(value, null, 2), kind: 'json' }
  } catch {
    // Not JSON, or cut short: shown as it is.
  }
  return { text: raw.content, kind: 'text' }
}

/** Numbers of more than 15 digits outside of strings would come out rounded. */
function losesDigits(json: string): boolean {
  return /\d{16,}/.test(json.replace(/"(?:[^"\\]|\\.)*"/g, '""'))
}
