import { useState } from 'react'
import { cache } from '@/api/cache'
import { messages } from '@/api/calls'
import { errorWords } from '@/app/errors'
import { known, useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { Spinner } from '@/ui/feedback'
import { AlertIcon, LockIcon, RetryIcon } from '@/ui/icons'
import { toast } from '@/ui/toasts'
import type { Media } from './contract'
import { usePlace } from './place'

/** A file that is not here: on its way, lost, or kept away from people, and why. */
export function MediaState({ messageId, media, word, style }: { messageId: string; media: Media; word: string; style?: { width: number; height: number } }) {
  const t = useT()
  const { canWrite } = usePlace()
  const [busy, setBusy] = useState(false)
  const again = async () => {
    setBusy(true)
    try {
      cache.put('message', await messages.retryMedia(messageId))
    } catch (problem) {
      toast(errorWords(problem), { tone: 'bad' })
    } finally {
      setBusy(false)
    }
  }
  const why = `mediaReason.${media.reason}`
  const isPending = media.state === 'PENDING'
  // The channel may take more by now; what is kept back for what it is stays so.
  const isTooLarge = media.state === 'QUARANTINED' && media.reason === 'too_large'
  const mark = (
    <span className={cx('inline-flex size-9 shrink-0 items-center justify-center rounded-full bg-surface shadow-xs', isPending ? 'text-text-3' : media.state === 'FAILED' ? 'text-bad' : 'text-accent-text')}>
      {isPending ? <Spinner size={18} /> : media.state === 'FAILED' ? <AlertIcon size={18} /> : <LockIcon size={18} />}
    </span>
  )
  const words = (
    <span className={cx('flex min-w-0 flex-col gap-1', style && 'items-center')}>
      <span className="font-medium break-words [overflow-wrap:anywhere]">{t(isPending ? 'media.pending' : media.state === 'FAILED' ? 'media.failed' : isTooLarge ? 'media.tooLarge' : 'media.quarantined', { what: media.fileName ?? word })}</span>
      {!isPending && <span className="text-xs opacity-80">{known(why) ? t(why) : t(media.state === 'FAILED' ? 'media.failedHint' : 'media.quarantinedHint')}</span>}
      {(media.state === 'FAILED' || isTooLarge) && canWrite && (
        <button type="button" disabled={busy} onClick={() => void again()} className="touch mt-0.5 inline-flex h-7 w-fit items-center gap-1.5 rounded-md border border-current/25 px-2.5 text-xs font-medium hover:bg-current/8">
          {busy ? <Spinner size={13} /> : <RetryIcon size={13} />}
          {t('media.retry')}
        </button>
      )}
    </span>
  )
  // In a picture's room it stands in the middle; a file or sound has a card as it will have later.
  return style ? (
    <span style={{ width: style.width, minHeight: Math.min(style.height, 200) }} className="flex max-w-full flex-col items-center justify-center gap-1.5 rounded-[0.7rem] bg-current/6 px-4 py-4 text-center text-sm">
      {mark}
      {words}
    </span>
  ) : (
    <span className="flex w-72 max-w-full items-start gap-3 rounded-lg bg-current/6 p-2.5 text-sm">
      {mark}
      {words}
    </span>
  )
}
