import { fold } from './fold'

const MARK = 'rounded-[2px] bg-lamp/35 text-text'

/**
 * A text with the found words marked: where the server says they are, or else wherever the words of the query
 * occur. Never becomes HTML on the way.
 */
export function Highlight({ text, query, ranges }: { text: string; query: string; ranges?: readonly [number, number][] }) {
  return (ranges ? cut(text, ranges) : pieces(text, query)).map((piece, index) =>
    piece.marked ? (
      <mark key={index} className={MARK}>
        {piece.text}
      </mark>
    ) : (
      piece.text
    ),
  )
}

export function pieces(text: string, query: string): { text: string; marked: boolean }[] {
  const words = fold(query).split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1)
  if (words.length === 0) return [{ text, marked: false }]
  // Folding drops accents, so positions are counted in the folded text and carried back letter by letter.
  const starts: number[] = []
  let folded = ''
  let at = 0
  for (const letter of text) {
    const plain = fold(letter)
    for (let i = 0; i < plain.length; i++) starts.push(at)
    folded += plain
    at += letter.length
  }
  starts.push(text.length)
  const found: [number, number][] = []
  for (const word of words) {
    // The search goes by beginnings of words and by ends of numbers; marking more would promise too much.
    const anywhere = /^\d+$/.test(word)
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      if (anywhere || !/[\p{L}\p{N}]/u.test(folded.charAt(at - 1))) found.push([starts[at]!, starts[at + word.length]!])
    }
  }
  return cut(text, found)
}

/** The pieces of a text inside and outside of ranges, which may touch and overlap. */
export function cut(text: string, ranges: readonly [number, number][]): { text: string; marked: boolean }[] {
  const marked = Array.from({ length: text.length }, () => false)
  for (const [start, end] of ranges) marked.fill(true, start, end)
  const result: { text: string; marked: boolean }[] = []
  for (let i = 0; i < text.length; i++) {
    const last = result.at(-1)
    if (last && last.marked === marked[i]) last.text += text[i]
    else result.push({ text: text[i]!, marked: marked[i]! })
  }
  return result
}
