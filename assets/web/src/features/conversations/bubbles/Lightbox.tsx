import { Dialog as Base } from '@base-ui/react/dialog'
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { cache } from '@/api/cache'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { Spinner } from '@/ui/feedback'
import { BackIcon, CloseIcon, DownloadIcon, ForwardIcon, MoreIcon } from '@/ui/icons'
import { senderOf } from '../sender'
import type { Shown } from './contract'
import { plainWords } from './format'
import { isGone } from './kinds'
import { leaveOver, showOver } from './over'
import { authorWords } from './people'
import { usePlace } from './place'
import { claim } from './player'
import { moved, SCALE_MAX, WHOLE, zoomed, type View } from './zoom'

const isShown = (message: Shown) => (message.type === 'IMAGE' || message.type === 'VIDEO') && message.media?.state === 'READY' && !isGone(message)
const TOOL = 'inline-flex size-10 shrink-0 items-center justify-center rounded-full text-white/85 hover:bg-white/15 hover:text-white disabled:opacity-30 max-sm:size-11'
/** A finger that went so far aside wants the next picture, in CSS pixels. */
const SWIPE_PX = 60

/** All pictures and films of the thread that are known here, one at a time and as large as one likes. */
export function Lightbox({ message: first }: { message: Shown }) {
  const t = useT()
  const format = useFormat()
  const { customer, me } = usePlace()
  const [all] = useState(() => (cache.messagesIn(first.conversationId) as Shown[]).filter(isShown).sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.arrival - b.arrival)))
  const [at, setAt] = useState(() => Math.max(0, all.findIndex((one) => one.id === first.id)))
  const [view, setView] = useState<View>(WHOLE)
  const stage = useRef<HTMLDivElement>(null)
  const message = all[at] ?? first
  const step = (by: number) => {
    const next = at + by
    if (next < 0 || next >= all.length) return
    setAt(next)
    setView(WHOLE)
  }
  const room = () => ({ width: stage.current?.clientWidth ?? 1, height: stage.current?.clientHeight ?? 1 })
  const zoom = (by: number, x = 0, y = 0) => setView((now) => zoomed(now, by, x, y, room()))
  const onKeyDown = (event: KeyboardEvent) => {
    // A film's own keys stay its own.
    if (event.target instanceof HTMLVideoElement && event.key !== 'Escape') return
    const deeds: Record<string, () => void> = { ArrowLeft: () => step(-1), ArrowRight: () => step(1), '+': () => zoom(1.5), '=': () => zoom(1.5), '-': () => zoom(1 / 1.5), '0': () => setView(WHOLE) }
    const deed = deeds[event.key]
    if (!deed || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    event.stopPropagation()
    deed()
  }
  // The neighbours are there before they are asked for.
  useEffect(() => {
    for (const near of [all[at - 1], all[at + 1]]) if (near?.type === 'IMAGE') new Image().src = near.media!.url!
  }, [all, at])

  const who = message.author ? authorWords(message.author) : message.direction === 'INBOUND' ? customer : message.senderId === me ? t('word.you') : (senderOf(message.senderId, message.senderName) ?? t('thread.firm'))
  const name = message.media?.fileName || message.content || t(message.type === 'VIDEO' ? 'messageType.VIDEO' : 'messageType.IMAGE')
  return (
    <Base.Root open onOpenChange={(open) => !open && leaveOver()}>
      <Base.Portal>
        <Base.Backdrop className="veil fixed inset-0 z-40 bg-[oklch(0.12_0.01_264/0.94)]" />
        <Base.Popup initialFocus={() => stage.current} onKeyDown={onKeyDown} className="fixed inset-0 z-40 flex flex-col text-white outline-none">
          <header className="flex items-center gap-1 px-2 py-1.5 sm:px-4">
            <div className="min-w-0 flex-1 pl-1">
              <Base.Title className="truncate text-sm font-semibold">{who}</Base.Title>
              <Base.Description className="tabular truncate text-xs text-white/75">{format.full(message.createdAt)}{all.length > 1 && ` · ${t('lightbox.place', { at: at + 1, count: all.length })}`}</Base.Description>
            </div>
            {message.type === 'IMAGE' && (
              <>
                <button type="button" aria-label={t('lightbox.smaller')} disabled={view.scale <= 1} onClick={() => zoom(1 / 1.5)} className={cx(TOOL, 'text-xl leading-none max-sm:hidden')}>−</button>
                <button type="button" aria-label={t('lightbox.larger')} disabled={view.scale >= SCALE_MAX} onClick={() => zoom(1.5)} className={cx(TOOL, 'text-xl leading-none max-sm:hidden')}>+</button>
              </>
            )}
            <a href={`${message.media?.url}?download=true`} download aria-label={t('bubble.saveNamed', { name })} title={t('bubble.save')} className={TOOL}><DownloadIcon size={19} /></a>
            {/* Of an album each picture can be answered and passed on from here. */}
            <button type="button" aria-label={t('bubble.actions')} title={t('bubble.actions')} onClick={() => showOver({ kind: 'sheet', messageId: message.id })} className={TOOL}><MoreIcon size={19} /></button>
            <Base.Close aria-label={t('action.close')} className={TOOL}><CloseIcon size={19} /></Base.Close>
          </header>
          <div className="relative min-h-0 flex-1">
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys zoom and move what is shown here */}
            <div ref={stage} tabIndex={0} role="group" aria-label={t('lightbox.stage', { name: name.slice(0, 120) })} className="absolute inset-0 overflow-hidden -outline-offset-4 focus-visible:outline-white/60">
              {message.type === 'VIDEO' ? (
                // oxlint-disable-next-line jsx-a11y/media-has-caption -- customers send no captions for their films
                <video key={message.id} src={message.media!.url!} poster={message.media!.thumbnailUrl ?? undefined} controls autoPlay playsInline aria-label={name} onPlay={(event) => claim(event.currentTarget)} className="h-full w-full object-contain" />
              ) : (
                <Stage key={message.id} message={message} name={name} view={view} onView={setView} room={room} onStep={step} />
              )}
            </div>
            {all.length > 1 && (
              <>
                <button type="button" aria-label={t('lightbox.previous')} disabled={at === 0} onClick={() => step(-1)} className={cx(TOOL, 'absolute top-1/2 left-2 -translate-y-1/2 bg-black/45 max-sm:hidden')}><BackIcon size={20} /></button>
                <button type="button" aria-label={t('lightbox.next')} disabled={at === all.length - 1} onClick={() => step(1)} className={cx(TOOL, 'absolute top-1/2 right-2 -translate-y-1/2 bg-black/45 max-sm:hidden')}><ForwardIcon size={20} /></button>
              </>
            )}
          </div>
          {message.content && <p className="mx-auto max-h-28 max-w-2xl overflow-y-auto px-4 py-3 text-center text-sm break-words whitespace-pre-wrap">{plainWords(message.content)}</p>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

interface StageProps {
  message: Shown
  name: string
  view: View
  onView: (change: (now: View) => View) => void
  room: () => { width: number; height: number }
  onStep: (by: number) => void
}

/** The picture under fingers and mouse: wheel and pinch zoom, a double press goes near and back, dragging moves it. */
function Stage({ message, name, view, onView, room, onStep }: StageProps) {
  const t = useT()
  const [there, setThere] = useState(false)
  const [broken, setBroken] = useState(false)
  const fingers = useRef(new Map<number, { x: number; y: number }>())
  const swipe = useRef(0)
  const media = message.media!
  const middle = (element: HTMLElement, x: number, y: number) => {
    const box = element.getBoundingClientRect()
    return [x - box.left - box.width / 2, y - box.top - box.height / 2] as const
  }
  const down = (event: PointerEvent<HTMLDivElement>) => {
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
    swipe.current = 0
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const before = fingers.current.get(event.pointerId)
    if (!before) return
    const now = { x: event.clientX, y: event.clientY }
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1]
    fingers.current.set(event.pointerId, now)
    if (other) {
      const apart = (from: { x: number; y: number }) => Math.hypot(from.x - other.x, from.y - other.y)
      const [x, y] = middle(event.currentTarget, (now.x + other.x) / 2, (now.y + other.y) / 2)
      if (apart(before) > 0) onView((current) => zoomed(current, apart(now) / apart(before), x, y, room()))
      swipe.current = Number.NaN
    } else if (view.scale > 1) {
      onView((current) => moved(current, now.x - before.x, now.y - before.y, room()))
    } else if (event.pointerType === 'touch') {
      swipe.current += now.x - before.x
    }
  }
  const up = (event: PointerEvent<HTMLDivElement>) => {
    fingers.current.delete(event.pointerId)
    if (swipe.current > SWIPE_PX) onStep(-1)
    else if (swipe.current < -SWIPE_PX) onStep(1)
    swipe.current = 0
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the same is done by keys and buttons around it
    <div
      className={cx('relative grid h-full w-full touch-none place-items-center select-none', view.scale > 1 ? 'cursor-grab active:cursor-grabbing' : 'cursor-zoom-in')}
      onWheel={(event) => onView((now) => zoomed(now, Math.exp(-event.deltaY / 400), ...middle(event.currentTarget, event.clientX, event.clientY), room()))}
      onDoubleClick={(event) => onView((now) => (now.scale > 1 ? WHOLE : zoomed(now, 2.5, ...middle(event.currentTarget, event.clientX, event.clientY), room())))}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
    >
      {!there && media.thumbnailUrl && <img src={media.thumbnailUrl} alt="" className="absolute inset-0 h-full w-full object-contain blur-xs" />}
      {broken ? (
        <p role="alert" className="text-sm">{t('media.notShown')}</p>
      ) : (
        <img src={media.url!} alt={name} draggable={false} onLoad={() => setThere(true)} onError={() => setBroken(true)} className="absolute inset-0 h-full w-full object-contain" style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }} />
      )}
      {!there && !broken && <span className="absolute bottom-6"><Spinner label={t('lightbox.loading')} /></span>}
    </div>
  )
}
