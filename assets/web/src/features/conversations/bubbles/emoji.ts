/** One emoji as people see it, however many code points it is made of. Made at run time: the checker's target is older. */
const ONE = '(?:\\p{RGI_Emoji}|\\p{Extended_Pictographic}\\uFE0F?)'
const ONLY = new RegExp(`^(?:\\s*${ONE}){1,6}\\s*$`, 'v')
const EACH = new RegExp(ONE, 'gv')
/** Longer texts are words anyway; a family with skin tones has some 40 units. */
const LENGTH_MAX = 120

/** How many emoji a text consists of, when it is nothing else and they are at most six; else 0. */
export function emojiOnly(text: string): number {
  if (text.length === 0 || text.length > LENGTH_MAX || !ONLY.test(text)) return 0
  return text.match(EACH)?.length ?? 0
}

/** Quick answers, in the order thumbs know. */
export const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const

/** Two writings of one emoji, with and without the sign that asks for colour. */
export const sameEmoji = (a: string, b: string) => a.replaceAll('\uFE0F', '') === b.replaceAll('\uFE0F', '')
