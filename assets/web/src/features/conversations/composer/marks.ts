/** Marks by which WhatsApp shows words bold, italic, struck through or in typewriter letters. */
export const MARKS = { bold: '*', italic: '_', strike: '~', mono: '```' } as const
export type Mark = keyof typeof MARKS

export interface Selection {
  text: string
  start: number
  end: number
}

/**
 * Puts a mark around the selected words, or takes it away where it stands already. Each line gets its own pair, as the
 * marks end with their line; typewriter letters hold across lines. The marks lie close to the words: beside a blank they
 * would be shown as they are.
 */
export function marked({ text, start, end }: Selection, mark: Mark): Selection {
  const sign = MARKS[mark]
  const inside = text.slice(start, end)
  if (inside.trim() === '') {
    const between = start + sign.length
    return { text: text.slice(0, start) + sign + sign + text.slice(end), start: between, end: between }
  }
  if (text.slice(0, start).endsWith(sign) && text.slice(end).startsWith(sign)) {
    return { text: text.slice(0, start - sign.length) + inside + text.slice(end + sign.length), start: start - sign.length, end: end - sign.length }
  }
  const lines = mark === 'mono' ? [inside] : inside.split('\n')
  const bare = lines.every((line) => line.trim() === '' || isMarked(line, sign))
  const next = lines.map((line) => (line.trim() === '' ? line : turned(line, sign, bare))).join('\n')
  return { text: text.slice(0, start) + next + text.slice(end), start, end: start + next.length }
}

const isMarked = (line: string, sign: string) => {
  const words = line.trim()
  return words.length > 2 * sign.length && words.startsWith(sign) && words.endsWith(sign)
}

function turned(line: string, sign: string, bare: boolean): string {
  const words = line.trim()
  const at = line.indexOf(words)
  const next = bare ? words.slice(sign.length, -sign.length) : isMarked(line, sign) ? words : sign + words + sign
  return line.slice(0, at) + next + line.slice(at + words.length)
}
