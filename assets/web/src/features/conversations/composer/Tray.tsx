import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { IconButton } from '@/ui/button'
import { CloseIcon, FileIcon, MicIcon, VideoIcon } from '@/ui/icons'
import type { Abilities } from './abilities'
import { kindOf, problemOf, problemWords, sizeWords, takesCaption } from './files'
import { changeAttached, detach, type Attached } from './state'

/** The files that go out with the next press of the button: what each is, the words below it, and what is wrong with it. */
export default function Tray({ conversationId, files, abilities }: { conversationId: string; files: readonly Attached[]; abilities: Abilities }) {
  const t = useT()
  return (
    <ul aria-label={t('composer.files')} className="mx-2.5 mt-1.5 flex max-h-[min(18rem,40dvh)] flex-col gap-1.5 overflow-y-auto">
      {files.map((one) => <Row key={one.id} conversationId={conversationId} one={one} alone={files.length === 1} abilities={abilities} />)}
    </ul>
  )
}

function Row({ conversationId, one, alone, abilities }: { conversationId: string; one: Attached; alone: boolean; abilities: Abilities }) {
  const t = useT()
  const { file, asDocument } = one
  const problem = problemOf(file, asDocument, abilities)
  const kind = kindOf(file, asDocument)
  const couldShow = kindOf(file) === 'IMAGE' || kindOf(file) === 'VIDEO'
  const tooLong = one.caption.length - abilities.limits.caption
  return (
    <li className={cx('flex items-start gap-2.5 rounded-lg border p-1.5', problem ? 'border-bad-line bg-bad-soft' : 'border-line bg-sunken')}>
      <Preview one={one} />
      <div className="min-w-0 flex-1 py-0.5">
        <p className="flex items-baseline gap-2 text-sm">
          <span className="min-w-0 truncate font-medium" title={file.name}>{file.name}</span>
          <span className="shrink-0 text-xs text-text-3">{sizeWords(file.size)}</span>
        </p>
        {problem ? (
          <p role="alert" className="text-xs text-bad">{problemWords(problem)}</p>
        ) : (
          !alone && takesCaption(kind) && (
            <input
              value={one.caption}
              onChange={(event) => changeAttached(conversationId, one.id, { caption: event.target.value })}
              placeholder={t('composer.captionPlaceholder')}
              aria-label={t('composer.captionOf', { name: file.name })}
              aria-invalid={tooLong > 0 || undefined}
              className="w-full bg-transparent py-0.5 text-sm outline-none focus-visible:underline max-sm:h-11 max-sm:text-lg"
            />
          )
        )}
        {tooLong > 0 && <p role="alert" className="text-xs text-bad">{t('composer.left', { count: -tooLong })}</p>}
        {couldShow && abilities.has('DOCUMENT') && (
          <label className="flex w-fit items-center gap-1.5 py-0.5 text-xs text-text-3 max-sm:min-h-9">
            <input type="checkbox" checked={asDocument} onChange={(event) => changeAttached(conversationId, one.id, { asDocument: event.target.checked })} className="accent-primary" />
            {t('composer.asDocument')}
          </label>
        )}
      </div>
      <IconButton size={28} label={t('composer.removeFile', { name: file.name })} onClick={() => detach(conversationId, one.id)}><CloseIcon size={15} /></IconButton>
    </li>
  )
}

function Preview({ one: { file, url, asDocument } }: { one: Attached }) {
  const kind = kindOf(file, asDocument)
  const box = 'size-14 shrink-0 overflow-hidden rounded-md border border-line bg-surface'
  if (kind === 'IMAGE') return <img src={url} alt="" className={cx(box, 'object-cover')} />
  if (kind === 'VIDEO') {
    return (
      <span className={cx(box, 'relative')}>
        <video src={url} muted preload="metadata" className="size-full object-cover" />
        <VideoIcon size={16} className="absolute bottom-1 left-1 text-white drop-shadow" />
      </span>
    )
  }
  const Icon = kind === 'AUDIO' ? MicIcon : FileIcon
  return <span className={cx(box, 'flex items-center justify-center text-text-3')}><Icon size={22} /></span>
}
