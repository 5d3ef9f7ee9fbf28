import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { DownloadIcon } from '@/ui/icons'
import type { Shown } from './contract'
import { MediaState } from './MediaState'
import { sizeWords } from '../composer/files'

/** Colours by family of file, as people know them from their own folders. */
const HUES: readonly [RegExp, number][] = [
  [/^pdf$/, 25],
  [/^(docx?|odt|rtf|txt|md)$/, 255],
  [/^(xlsx?|ods|csv)$/, 155],
  [/^(pptx?|odp)$/, 55],
  [/^(zip|rar|7z|gz|tar)$/, 85],
]

/** A document: what it is, its name and size, and a press saves it. */
export function FileCard({ message }: { message: Shown }) {
  const t = useT()
  const media = message.media!
  if (media.state !== 'READY') return <MediaState messageId={message.id} media={media} word={t('messageType.DOCUMENT')} />
  const name = media.fileName || t('messageType.DOCUMENT')
  const kind = kindOf(name, media.mime)
  const hue = HUES.find(([pattern]) => pattern.test(kind))?.[1]
  const facts = [kind.toUpperCase(), media.bytes ? sizeWords(media.bytes) : ''].filter(Boolean).join(' · ')
  return (
    <a href={`${media.url}?download=true`} download={name} className="flex w-72 max-w-full items-center gap-3 rounded-lg bg-current/6 p-2.5 no-underline transition-colors hover:bg-current/10">
      <span
        aria-hidden="true"
        className={cx('flex h-10 w-8.5 shrink-0 items-end justify-center rounded-sm rounded-tr-lg pb-1 text-[0.5625rem] font-bold tracking-wide text-white', hue === undefined && 'bg-[oklch(0.5_0.02_262)]')}
        style={hue === undefined ? undefined : { background: `oklch(0.52 0.14 ${hue})` }}
      >
        {kind.slice(0, 4).toUpperCase()}
      </span>
      <span className="min-w-0 flex-1">
        <span className="sr-only">{t('bubble.save')}</span>
        <span className="truncate-2 block text-sm font-medium break-words [overflow-wrap:anywhere]">{name}</span>
        <span className="block text-xs opacity-75">{facts}</span>
      </span>
      <DownloadIcon size={17} className="shrink-0 opacity-70" />
    </a>
  )
}

/** pdf, docx: by the name's end, else by the media type. */
function kindOf(name: string, mime: string | null | undefined): string {
  const end = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]
  return (end ?? /\/(?:x-|vnd\.)?([a-z0-9]{1,5})/i.exec(mime ?? '')?.[1] ?? 'file').toLowerCase()
}
