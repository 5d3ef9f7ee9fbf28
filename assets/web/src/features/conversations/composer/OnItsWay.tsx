import { useRef, useState } from 'react'
import { useT, wordsFor } from '@/app/i18n'
import { CloseIcon, FileIcon, MicIcon } from '@/ui/icons'
import { cancel, FILE_GONE, giveFile, previewOf, retry, useProgress, withdraw, type Pending } from '../outbox'
import { Rich } from '../bubbles/Rich'
import { typeWords } from '../words'
import { sizeWords } from './files'

/** What a message consists of that is still on its way to the server. */
export function OnItsWay({ pending, marked }: { pending: Pending; marked: string }) {
  const { content, more, file } = pending
  return (
    <>
      {file && <FileOnItsWay pending={pending} />}
      {more && <span className="block text-sm font-medium">{typeWords(more.type)}{summary(pending)}</span>}
      {content && <Rich text={content} marked={marked} />}
    </>
  )
}

function summary({ more }: Pending): string {
  const words = more?.location?.name ?? more?.contacts?.[0]?.name ?? more?.interactive?.buttons?.map((button) => button.title).join(' · ') ?? more?.poll?.options.join(' · ')
  return words ? `: ${words}` : ''
}

function FileOnItsWay({ pending }: { pending: Pending }) {
  const t = useT()
  const [url] = useState(() => previewOf(pending.clientId))
  const file = pending.file!
  const isPicture = file.mime.startsWith('image/') && !file.asDocument && url
  const isFilm = file.mime.startsWith('video/') && !file.asDocument && url
  return (
    <span className="mb-1 block">
      {isPicture ? (
        <img src={url} alt={file.name} className="max-h-72 min-h-20 min-w-40 rounded-lg object-cover" />
      ) : isFilm ? (
        <video src={url} muted className="max-h-72 rounded-lg" />
      ) : (
        <span className="flex items-center gap-2 text-sm">
          {file.isVoice ? <MicIcon size={18} className="shrink-0" /> : <FileIcon size={18} className="shrink-0" />}
          <span className="min-w-0 truncate font-medium">{file.isVoice ? t('composer.voiceNote') : file.name}</span>
          <span className="shrink-0 text-xs opacity-75">{sizeWords(file.bytes)}</span>
        </span>
      )}
      {pending.state !== 'failed' && <Upload pending={pending} />}
    </span>
  )
}

function Upload({ pending: { clientId, file, state } }: { pending: Pending }) {
  const t = useT()
  const part = useProgress(clientId)
  const percent = Math.round(part * 100)
  const name = file!.name || t('composer.voiceNote')
  return (
    <span className="mt-1.5 flex items-center gap-2">
      <span role="progressbar" aria-label={t('composer.uploading', { name })} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} className="h-1 min-w-28 flex-1 overflow-hidden rounded-full bg-current/15">
        <span className={`block h-full rounded-full bg-current transition-[width] ${part >= 1 && state === 'sending' ? 'animate-pulse-soft' : ''}`} style={{ width: `${percent}%` }} />
      </span>
      <button type="button" onClick={() => cancel(clientId)} aria-label={t('composer.cancelUpload', { name })} className="touch inline-flex size-6 items-center justify-center rounded-full hover:bg-current/10">
        <CloseIcon size={13} />
      </button>
    </span>
  )
}

const PRESS = 'touch min-h-6 font-semibold underline underline-offset-2'
const LINE = 'mt-1 flex max-w-[min(36rem,86%)] flex-wrap items-center justify-end gap-x-2 text-right text-xs'

/** Where a message stands that the server has not confirmed, in words, and what can be done. */
export function PendingLine({ pending, onEdit }: { pending: Pending; onEdit: (text: string) => void }) {
  const t = useT()
  const { clientId, state, code, fields, file } = pending
  if (state === 'sending') return null
  if (state === 'queued') return navigator.onLine === false ? <span className={`${LINE} text-text-3`}>{t('failure.queued')}</span> : null
  if (state === 'unknown') return <span className={`${LINE} text-accent-text`}>{t('failure.asking')}</span>
  // What was said can't be chosen once more.
  const isLost = code === FILE_GONE && file?.isVoice
  const why = isLost ? t('failure.voice_gone') : fields?.some((one) => one.field === 'file') ? t('failure.file_unfit') : wordsFor('failure', code, 'failure.refused')
  // A refusal that other screens meet as well.
  const words = why === t('failure.refused') ? wordsFor('error', code, 'failure.refused') : why
  return (
    <span role="alert" className={`${LINE} text-bad`}>
      <span>{words}</span>
      {isLost ? null : code === FILE_GONE ? <Again clientId={clientId} name={file!.name} /> : <button type="button" className={PRESS} onClick={() => retry(clientId)}>{t('action.retry')}</button>}
      {pending.more ? (
        <button type="button" className={PRESS} onClick={() => cancel(clientId)}>{t('composer.discard')}</button>
      ) : code === FILE_GONE ? (
        <button type="button" className={PRESS} onClick={() => edit(pending, onEdit)}>{t('composer.discard')}</button>
      ) : (
        <button type="button" className={PRESS} onClick={() => edit(pending, onEdit)}>{t('thread.editAgain')}</button>
      )}
    </span>
  )
}

function edit({ clientId }: Pending, onEdit: (text: string) => void): void {
  const text = withdraw(clientId)
  if (text) onEdit(text)
}

/** The file of a message that a reload took away, chosen once more. */
function Again({ clientId, name }: { clientId: string; name: string }) {
  const t = useT()
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input ref={input} type="file" className="hidden" tabIndex={-1} aria-label={t('composer.attachAgain', { name })} onChange={(event) => event.target.files?.[0] && giveFile(clientId, event.target.files[0])} />
      <button type="button" className={PRESS} onClick={() => input.current?.click()}>{t('composer.attachAgain', { name })}</button>
    </>
  )
}
