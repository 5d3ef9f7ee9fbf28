import { fold } from './fold'

const MARK = 'rounded-[2px] bg-lamp/35 text-inherit'

/**
 * A text with the found words marked. Where the server marked them (`<b>`, `<em>` or `<mark>`, the rest escaped)
 * its marks are taken over; otherwise the words of the query are looked for. Never becomes HTML on the way.
 */
export function Highlight({ text, query }: { text: string; query: string }) {
  return pieces(text, query).map((piece, index) =>
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
  if (/<(b|em|mark)>/.test(text)) {
    return text
      .split(/<(?:b|em|mark)>(.*?)<\/(?:b|em|mark)>/s)
      .map((part, index) => ({ text: unescape(part), marked: index % 2 === 1 }))
      .filter((piece) => piece.text !== '')
  }
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
  const marked = Array.from({ length: text.length }, () => false)
  for (const word of words) {
    for (let found = folded.indexOf(word); found >= 0; found = folded.indexOf(word, found + word.length)) {
      marked.fill(true, starts[found], starts[found + word.length])
    }
  }
  const result: { text: string; marked: boolean }[] = []
  for (let i = 0; i < text.length; i++) {
    const last = result.at(-1)
    if (last && last.marked === marked[i]) last.text += text[i]
    else result.push({ text: text[i]!, marked: marked[i]! })
  }
  return result
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'", '&#39;': "'" }
const unescape = (text: string) => text.replace(/&(amp|lt|gt|quot|#x27|#39);/g, (entity) => ENTITIES[entity] ?? entity)
