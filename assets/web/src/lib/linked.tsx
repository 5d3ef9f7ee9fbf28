/** Web addresses of a text as links; everything else stays words. */
export function Linked({ text }: { text: string }) {
  const parts = text.split(ADDRESS)
  return parts.map((part, index) =>
    index % 2 === 1 ? (
      <a key={index} href={part} target="_blank" rel="noopener noreferrer nofollow" className="underline underline-offset-2">
        {part}
      </a>
    ) : (
      part
    ),
  )
}

/** http(s) only, and no closing punctuation: it belongs to the sentence. */
const ADDRESS = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/g
