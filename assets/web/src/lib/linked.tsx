import { Highlight } from './highlight'

/** Web addresses of a text as links; everything else stays words, of which those looked for are marked. */
export function Linked({ text, marked = '' }: { text: string; marked?: string }) {
  const parts = text.split(ADDRESS)
  return parts.map((part, index) =>
    index % 2 === 1 ? (
      <a key={index} href={part} target="_blank" rel="noopener noreferrer nofollow" className="underline underline-offset-2">
        <Highlight text={part} query={marked} />
      </a>
    ) : (
      <Highlight key={index} text={part} query={marked} />
    ),
  )
}

/** http(s) only, and no closing punctuation: it belongs to the sentence. */
const ADDRESS = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/g
