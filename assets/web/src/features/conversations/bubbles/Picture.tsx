import { useState, type ReactNode } from 'react'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { MoreIcon, PlayIcon } from '@/ui/icons'
import type { Media, Shown } from './contract'
import { MediaState } from './MediaState'
import { showOver } from './over'
import { claim } from './player'
import { lengthWords, roomFor } from './size'

/** A picture in the room it will need, its small version first; a press opens it large. */
export function Picture({ message, children }: { message: Shown; children?: ReactNode }) {
  const t = useT()
  const media = message.media!
  const room = roomFor(media.width, media.height)
  if (media.state !== 'READY') return <MediaState messageId={message.id} media={media} word={t('messageType.IMAGE')} style={room} />
  return (
    <Frame room={room}>
      <Tile message={message} media={media} />
      {children}
    </Frame>
  )
}

function Frame({ room, children }: { room: { width: number; height: number }; children: ReactNode }) {
  return (
    <div className="relative max-w-full overflow-hidden rounded-[0.7rem] bg-current/8" style={{ width: room.width, aspectRatio: `${room.width} / ${room.height}` }}>
      {children}
    </div>
  )
}

/** One picture or film that fills its place. */
function Tile({ message, media, more = 0 }: { message: Shown; media: Media; more?: number }) {
  const t = useT()
  const [seen, setSeen] = useState(false)
  const [broken, setBroken] = useState(false)
  const isFilm = message.type === 'VIDEO'
  // A moving picture moves only as itself.
  const small = media.isAnimated && !isFilm ? media.url : (media.thumbnailUrl ?? (isFilm ? null : media.url))
  const name = message.content || media.fileName || t(isFilm ? 'messageType.VIDEO' : 'messageType.IMAGE')
  return (
    <button
      type="button"
      aria-label={more > 0 ? t('bubble.openMore', { count: more }) : t('bubble.openPicture', { name: name.slice(0, 120) })}
      onClick={(event) => showOver({ kind: 'picture', messageId: message.id, anchor: event.currentTarget })}
      className="absolute inset-0 block h-full w-full cursor-zoom-in -outline-offset-2"
    >
      {small && !broken && (
        <img src={small} alt="" loading="lazy" decoding="async" draggable={false} onLoad={() => setSeen(true)} onError={() => setBroken(true)} className={cx('h-full w-full object-cover transition-opacity duration-200', !seen && 'opacity-0')} />
      )}
      {broken && <span className="absolute inset-0 grid place-items-center px-3 text-center text-xs opacity-80">{t('media.notShown')}</span>}
      {isFilm && more === 0 && (
        <span aria-hidden="true" className="absolute inset-0 grid place-items-center"><span className="inline-flex size-11 items-center justify-center rounded-full bg-ink/70 text-white"><PlayIcon size={20} className="translate-x-0.5" /></span></span>
      )}
      {more > 0 && <span aria-hidden="true" className="absolute inset-0 grid place-items-center bg-ink/60 text-xl font-semibold text-white">+{more}</span>}
    </button>
  )
}

/** A film: its first picture until somebody wants to see it. */
export function Film({ message, children }: { message: Shown; children?: ReactNode }) {
  const t = useT()
  const media = message.media!
  const room = roomFor(media.width, media.height)
  const [plays, setPlays] = useState(false)
  const [broken, setBroken] = useState(false)
  if (media.state !== 'READY') return <MediaState messageId={message.id} media={media} word={t('messageType.VIDEO')} style={room} />
  const name = message.content || media.fileName || t('messageType.VIDEO')
  return (
    <Frame room={room}>
      {broken ? (
        <span className="absolute inset-0 flex flex-col items-center justify-center gap-2 px-4 text-center text-sm">
          {t('bubble.cannotPlay')}
          <a href={`${media.url}?download=true`} download className="touch font-medium underline underline-offset-2">{t('bubble.save')}</a>
        </span>
      ) : plays ? (
        // oxlint-disable-next-line jsx-a11y/media-has-caption -- customers send no captions for their films
        <video src={media.url!} poster={media.thumbnailUrl ?? undefined} controls autoPlay playsInline aria-label={name} onPlay={(event) => claim(event.currentTarget)} onError={() => setBroken(true)} className="absolute inset-0 h-full w-full bg-ink object-contain" />
      ) : (
        <button type="button" onClick={() => setPlays(true)} className="group/film absolute inset-0 block h-full w-full -outline-offset-2">
          <span className="sr-only">{t('bubble.play', { name: name.slice(0, 120) })}</span>
          {media.thumbnailUrl ? (
            <img src={media.thumbnailUrl} alt="" loading="lazy" decoding="async" draggable={false} className="h-full w-full object-cover" />
          ) : (
            // Its own beginning, where nobody has made a picture of it.
            <video src={`${media.url}#t=0.1`} preload="metadata" muted playsInline tabIndex={-1} aria-hidden="true" className="h-full w-full object-cover" />
          )}
          <span aria-hidden="true" className="absolute inset-0 grid place-items-center">
            <span className="inline-flex size-12 items-center justify-center rounded-full bg-ink/70 text-white transition-transform group-hover/film:scale-105"><PlayIcon size={22} className="translate-x-0.5" /></span>
          </span>
          {media.durationMs ? <span className="tabular absolute bottom-1.5 left-1.5 rounded-full bg-ink/70 px-1.5 text-2xs text-white">{lengthWords(media.durationMs)}</span> : null}
        </button>
      )}
      {!plays && children}
    </Frame>
  )
}

/** How many pictures of an album are shown; the rest is a number on the last. */
const ALBUM_SHOWN = 4

/** Pictures that came together: two beside each other, three or more in a square. */
export function Album({ messages, tabIndex, children }: { messages: readonly Shown[]; tabIndex: number; children?: ReactNode }) {
  const t = useT()
  const shown = messages.slice(0, ALBUM_SHOWN)
  const more = messages.length - shown.length
  const isTall = shown.length === 3
  return (
    <div className={cx('relative grid w-80 max-w-full grid-cols-2 gap-1 overflow-hidden rounded-[0.7rem]', shown.length === 2 ? 'aspect-[2/1.1]' : 'aspect-square grid-rows-2')}>
      {shown.map((message, index) => (
        <div key={message.id} data-of={message.id} className={cx('group/tile relative min-h-0 overflow-hidden bg-current/8', isTall && index === 0 && 'row-span-2')}>
          {message.media?.state === 'READY' ? <Tile message={message} media={message.media} more={index === shown.length - 1 ? more : 0} /> : message.media && <Waiting messageId={message.id} media={message.media} />}
          {/* The one that stands for the rest opens them, and each has its tools there. */}
          {(more === 0 || index < shown.length - 1) && (
            <button
              type="button"
              data-menu
              tabIndex={tabIndex}
              aria-label={t('bubble.actionsOf', { number: index + 1 })}
              aria-haspopup="menu"
              onClick={(event) => showOver({ kind: 'menu', messageId: message.id, anchor: event.currentTarget })}
              className="absolute top-1 right-1 inline-flex size-7 items-center justify-center rounded-full bg-ink/70 text-white opacity-0 transition-opacity group-hover/tile:opacity-100 focus-visible:opacity-100 aria-expanded:opacity-100 max-sm:hidden"
            >
              <MoreIcon size={15} />
            </button>
          )}
        </div>
      ))}
      {children}
    </div>
  )
}

function Waiting({ messageId, media }: { messageId: string; media: Media }) {
  const t = useT()
  return <div className="grid h-full place-items-center overflow-hidden"><MediaState messageId={messageId} media={media} word={t('messageType.IMAGE')} /></div>
}

/** A sticker stands free, as people know it. */
export function Sticker({ message, children }: { message: Shown; children?: ReactNode }) {
  const t = useT()
  const media = message.media!
  if (media.state !== 'READY') return <MediaState messageId={message.id} media={media} word={t('messageType.STICKER')} />
  return (
    <span className="relative block w-fit">
      <img src={media.url!} alt={t('messageType.STICKER')} loading="lazy" decoding="async" draggable={false} className="block size-36 object-contain" />
      {children}
    </span>
  )
}
