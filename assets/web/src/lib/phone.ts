import formats from './phone-formats.json'

/** By calling code: the groups of a number, and how the numbers so grouped begin. */
const FORMATS = formats as unknown as Record<string, readonly (readonly [groups: string, first: string])[]>
const E164 = /^\+[1-9]\d{5,14}$/
/** Calling codes have one to three digits, and none begins another. */
const CODE_DIGITS_MAX = 3

/** `+33639980001` as people read it: `+33 6 39 98 00 01`. What is no number in E.164 stays as it is. */
export function phoneWords(text: string): string {
  if (!E164.test(text)) return text
  const digits = text.slice(1)
  for (let length = 1; length <= CODE_DIGITS_MAX; length++) {
    const code = digits.slice(0, length)
    const known = FORMATS[code]
    if (known) return `+${code} ${grouped(digits.slice(length), known)}`
  }
  return text
}

function grouped(digits: string, known: (typeof FORMATS)[string]): string {
  const begins = (first: string) => first === '' || new RegExp(`^(?:${first})`).test(digits)
  const parts = (groups: string) => new RegExp(`^(?:${groups})$`).exec(digits)?.slice(1).join(' ')
  for (const [groups, first] of known) {
    const words = begins(first) ? parts(groups) : undefined
    if (words) return words
  }
  // A range nobody has been given, or one younger than the metadata: as others of its length.
  return known.map(([groups]) => parts(groups)).find(Boolean) ?? digits
}
