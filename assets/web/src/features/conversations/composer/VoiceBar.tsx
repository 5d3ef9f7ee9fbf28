import { useEffect, useRef, useState } from 'react'
import { useT } from '@/app/i18n'
import { IconButton } from '@/ui/button'
import { Notice } from '@/ui/feedback'
import { MicIcon, PauseIcon, PlayIcon, SendIcon, TrashIcon } from '@/ui/icons'
import { barsOf, clockWords, Recorder, RECORDING_MS_MAX, type Recording, type Trouble } from './recorder'

const BARS = 40

/** Records a voice note: heard as it grows, held, listened to, thrown away or sent. */
export default function VoiceBar({ onSend, onClose }: { onSend: (file: File, durationMs: number) => void; onClose: () => void }) {
  const t = useT()
  const recorder = useRef<Recorder | null>(null)
  const [state, setState] = useState<'asking' | 'recording' | 'paused' | 'done'>('asking')
  const [trouble, setTrouble] = useState<Trouble | null>(null)
  const [ms, setMs] = useState(0)
  const [levels, setLevels] = useState<number[]>([])
  const [made, setMade] = useState<(Recording & { url: string }) | null>(null)

  useEffect(() => {
    let gone = false
    Recorder.start((level, at) => {
      setMs(at)
      if (at >= RECORDING_MS_MAX && recorder.current) {
        recorder.current.pause()
        setState('paused')
      }
      setLevels((before) => [...before.slice(-(BARS - 1)), level])
    }).then(
      (started) => {
        // Left before the microphone was allowed.
        if (gone) return started.discard()
        recorder.current = started
        setState('recording')
      },
      (why: Trouble) => !gone && setTrouble(why),
    )
    return () => {
      gone = true
      recorder.current?.discard()
    }
  }, [])
  useEffect(() => () => {
    if (made) URL.revokeObjectURL(made.url)
  }, [made])

  const stop = async () => {
    const own = recorder.current
    recorder.current = null
    if (!own) return null
    return own.stop()
  }
  const hold = () => {
    recorder.current?.pause()
    setState('paused')
  }
  const listen = async () => {
    const recording = await stop()
    if (!recording) return
    setMade({ ...recording, url: URL.createObjectURL(recording.file) })
    setState('done')
  }
  const send = async () => {
    const recording = made ?? (await stop())
    if (recording) onSend(recording.file, recording.durationMs)
  }

  if (trouble) {
    return (
      <div className="flex items-start gap-2 px-3 py-2.5">
        <Notice tone="warn" role="alert" className="flex-1">{t(`composer.voice.${trouble}`)}</Notice>
        <IconButton label={t('action.close')} onClick={onClose}><TrashIcon size={17} /></IconButton>
      </div>
    )
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape leaves it from any of its buttons
    <div role="group" aria-label={t('composer.voice')} onKeyDown={(event) => { if (event.key === 'Escape') { event.stopPropagation(); onClose() } }} className="flex h-14 items-center gap-1.5 px-2">
      <IconButton label={t('composer.voice.discard')} onClick={onClose}><TrashIcon size={17} /></IconButton>
      {made ? (
        <Playback made={made} />
      ) : (
        <>
          <span className="flex w-20 items-center gap-2 text-sm">
            <span aria-hidden="true" className={`size-2.5 shrink-0 rounded-full bg-bad ${state === 'recording' ? 'animate-pulse-soft' : 'opacity-40'}`} />
            <span role="timer" aria-label={t('composer.voice.length')} className="tabular">{clockWords(ms)}</span>
          </span>
          <Bars levels={[...Array<number>(Math.max(0, BARS - levels.length)).fill(0), ...levels]} live />
          <span role="status" className="sr-only">{state === 'recording' ? t('composer.voice.recording') : state === 'paused' ? t('composer.voice.paused') : t('composer.voice.asking')}</span>
          {state === 'recording' && <IconButton label={t('composer.voice.pause')} onClick={hold}><PauseIcon size={17} /></IconButton>}
          {state === 'paused' && (
            <>
              <IconButton label={t('composer.voice.listen')} onClick={() => void listen()}><PlayIcon size={17} /></IconButton>
              {ms < RECORDING_MS_MAX && <IconButton label={t('composer.voice.resume')} onClick={() => { recorder.current?.resume(); setState('recording') }} className="text-bad"><MicIcon size={17} /></IconButton>}
            </>
          )}
        </>
      )}
      <button type="button" disabled={state === 'asking'} onClick={() => void send()} aria-label={t('composer.voice.send')} className="inline-flex size-9 shrink-0 items-center justify-center rounded-full bg-primary text-on-primary hover:bg-primary-hover disabled:opacity-45 max-sm:size-11">
        <SendIcon size={16} />
      </button>
    </div>
  )
}

function Bars({ levels, live, upTo = 1 }: { levels: readonly number[]; live?: boolean; upTo?: number }) {
  return (
    <span aria-hidden="true" className="flex h-8 min-w-0 flex-1 items-center justify-between overflow-hidden">
      {levels.map((level, index) => (
        <span key={index} style={{ height: `${Math.max(8, level * 100)}%` }} className={`w-0.75 shrink-0 rounded-full ${live ? 'bg-bad/70' : index / levels.length < upTo ? 'bg-text-2' : 'bg-line-strong'}`} />
      ))}
    </span>
  )
}

/** Listens before sending. */
function Playback({ made }: { made: Recording & { url: string } }) {
  const t = useT()
  const audio = useRef<HTMLAudioElement>(null)
  const [playing, setPlaying] = useState(false)
  const [at, setAt] = useState(0)
  const toggle = () => void (playing ? audio.current?.pause() : audio.current?.play())
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- one's own words, a moment ago */}
      <audio
        ref={audio}
        src={made.url}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => { setPlaying(false); setAt(0) }}
        onTimeUpdate={(event) => setAt(event.currentTarget.currentTime * 1000)}
      />
      <IconButton label={playing ? t('composer.voice.stopListening') : t('composer.voice.listen')} onClick={toggle}>{playing ? <PauseIcon size={17} /> : <PlayIcon size={17} />}</IconButton>
      <Bars levels={barsOf(made.levels, BARS)} upTo={at > 0 ? at / made.durationMs : 1} />
      <span className="tabular w-10 text-right text-sm">{clockWords(at > 0 ? at : made.durationMs)}</span>
    </>
  )
}
