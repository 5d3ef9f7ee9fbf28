import { useMemo, type ReactNode } from 'react'
import { useT } from '@/app/i18n'
import { useLingui } from '@lingui/react'
import { cx } from '@/lib/cx'
import { AlertIcon, DownloadIcon, MicIcon, PauseIcon, PlayIcon } from '@/ui/icons'
import type { Media } from './contract'
import { faster, seek, toggle, useRate, useSound } from './player'
import { lengthWords } from './size'

const BARS = 44

/** A voice note or a piece of music: its loudness to see, and one plays at a time. */
export function Sound({ messageId, media, children }: { messageId: string; media: Media; children?: ReactNode }) {
  const t = useT()
  const { i18n } = useLingui()
  const sound = useSound(messageId)
  const rate = useRate()
  const length = media.durationMs || sound?.length || 0
  const part = sound && length > 0 ? Math.min(1, sound.at / length) : 0
  const address = media.url!
  const name = media.isVoice ? t('bubble.voice') : (media.fileName ?? t('messageType.AUDIO'))
  if (sound?.isBroken) {
    return (
      <span className="flex items-center gap-2 py-1 text-sm">
        <AlertIcon size={16} className="shrink-0 text-bad" />
        <span className="min-w-0 flex-1">{t('bubble.cannotPlay')}</span>
        <a href={`${address}?download=true`} download className="touch font-medium underline underline-offset-2">{t('bubble.save')}</a>
      </span>
    )
  }
  return (
    <span className="flex w-72 max-w-full items-center gap-2.5 py-0.5">
      <button type="button" aria-label={t(sound?.isPlaying ? 'bubble.pause' : 'bubble.play', { name })} onClick={() => toggle(messageId, address)} className="inline-flex size-9 shrink-0 items-center justify-center rounded-full bg-primary text-on-primary shadow-xs transition-colors hover:bg-primary-hover max-sm:size-11">
        {sound?.isPlaying ? <PauseIcon size={18} /> : <PlayIcon size={16} className="translate-x-px" />}
      </button>
      <span className="min-w-0 flex-1">
        {!media.isVoice && media.fileName && <span className="mb-0.5 block truncate text-sm font-medium">{media.fileName}</span>}
        <span className="relative flex h-7 items-center rounded-xs has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-2 has-[:focus-visible]:outline-accent-text">
          <Wave waveform={media.waveform} part={part} />
          <input
            type="range"
            min={0}
            max={Math.max(1, Math.round(length))}
            step={100}
            value={Math.round(sound?.at ?? 0)}
            disabled={length === 0}
            onChange={(event) => seek(messageId, address, Number(event.target.value))}
            aria-label={t('bubble.seek', { name })}
            aria-valuetext={t('bubble.playedOf', { at: lengthWords(sound?.at ?? 0), length: lengthWords(length) })}
            className="absolute inset-0 h-full w-full cursor-pointer opacity-0 max-sm:-inset-y-2 max-sm:h-11"
          />
        </span>
        <span className="tabular flex items-center gap-1 text-2xs">
          {media.isVoice && <MicIcon size={11} className="opacity-80" />}
          <span className="flex-1 opacity-80">{lengthWords(sound && (sound.isPlaying || sound.at > 0) ? sound.at : length)}</span>
          <span className={cx('[&>*]:m-0', sound ? '-mr-12.5' : '-mr-9.5')}>{children}</span>
        </span>
      </span>
      {sound ? (
        <button type="button" onClick={faster} aria-label={t('bubble.speed', { rate: new Intl.NumberFormat(i18n.locale).format(rate) })} className="touch tabular h-6 w-10 shrink-0 self-start rounded-full bg-current/10 text-2xs font-semibold hover:bg-current/15">
          {new Intl.NumberFormat(i18n.locale).format(rate)}×
        </button>
      ) : (
        <a href={`${address}?download=true`} download aria-label={t('bubble.saveNamed', { name })} title={t('bubble.save')} className="touch inline-flex size-7 shrink-0 items-center justify-center self-start rounded-md opacity-70 hover:bg-current/10 hover:opacity-100">
          <DownloadIcon size={15} />
        </a>
      )}
    </span>
  )
}

/** Loudness as bars, those already heard in full colour; a line where nobody measured it. */
function Wave({ waveform, part }: { waveform: Media['waveform']; part: number }) {
  const bars = useMemo(() => resampled(waveform ?? [], BARS), [waveform])
  if (bars.length === 0) {
    return (
      <span aria-hidden="true" className="relative h-1 w-full overflow-hidden rounded-full bg-current/20">
        <span className="absolute inset-y-0 left-0 rounded-full bg-current/80" style={{ width: `${part * 100}%` }} />
      </span>
    )
  }
  return (
    <svg aria-hidden="true" viewBox={`0 0 ${BARS * 4} 28`} preserveAspectRatio="none" className="h-full w-full">
      {bars.map((loud, index) => {
        const height = 3 + loud * 23
        return <rect key={index} x={index * 4 + 0.6} y={14 - height / 2} width={2.6} height={height} rx={1.3} fill="currentColor" className={cx(index / BARS < part ? 'opacity-90' : 'opacity-30')} />
      })}
    </svg>
  )
}

/** As many values as there are bars, 0 to 1; each the loudest of its stretch. */
export function resampled(waveform: readonly number[], bars: number): number[] {
  if (waveform.length === 0) return []
  const loudest = Math.max(1, ...waveform)
  return Array.from({ length: bars }, (_, index) => {
    const from = Math.floor((index * waveform.length) / bars)
    const to = Math.max(from + 1, Math.floor(((index + 1) * waveform.length) / bars))
    return Math.max(...waveform.slice(from, to)) / loudest
  })
}
