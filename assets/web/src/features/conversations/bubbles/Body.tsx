import { lazy, Suspense, type ReactNode } from 'react'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { typeWords } from '../words'
import type { Shown } from './contract'
import { emojiOnly } from './emoji'
import { FileCard } from './FileCard'
import { isGone, lookOf } from './kinds'
import { Tombstone } from './Marks'
import { MediaState } from './MediaState'
import { Film, Picture, Sticker } from './Picture'
import { usePlace } from './place'
import { Rich } from './Rich'
import { Sound } from './Sound'
import { Skeleton } from '@/ui/feedback'

interface Props {
  message: Shown
  marked: string
  /** When and how far, below the words. */
  foot: ReactNode
  /** The same, lying on a picture. */
  footOver: ReactNode
}

/** Kinds of which a thread seldom holds one; their code comes with the first. */
const Choice = lazy(async () => ({ default: (await import('./Rare')).Choice }))
const Interactive = lazy(async () => ({ default: (await import('./Rare')).Interactive }))
const Poll = lazy(async () => ({ default: (await import('./Rare')).Poll }))
const Basket = lazy(async () => ({ default: (await import('./Rare')).Basket }))
const Cards = lazy(async () => ({ default: (await import('./Rare')).Cards }))
const Spot = lazy(async () => ({ default: (await import('./Rare')).Spot }))

/** Keeps about the room that what is coming will need. */
function Coming({ height, children }: { height: string; children: ReactNode }) {
  return <Suspense fallback={<Skeleton shape="box" className={`w-72 max-w-full ${height}`} />}>{children}</Suspense>
}

/** What a message consists of, each kind as people know it. */
export function Body({ message, marked, foot, footOver }: Props) {
  if (isGone(message)) return <Tombstone message={message} />
  const { type, content, media, location, contacts, choice, order, interactive, poll } = message
  if (choice) return <Coming height="h-10"><Choice choice={choice} foot={foot} /></Coming>
  if (interactive) {
    const asked = <Coming height="h-28"><Interactive interactive={interactive} content={content} marked={marked} foot={foot} /></Coming>
    if (!media) return asked
    return (
      // As wide as its file; a tall picture is narrower than buttons can be read in.
      <div className="flex w-fit max-w-full min-w-56 flex-col">
        <Head message={message} />
        <div className={cx('w-0 min-w-full pt-1', lookOf(message) === 'frame' && 'px-2 pb-1')}>{asked}</div>
      </div>
    )
  }
  const below = <Below content={content} marked={marked} foot={foot} />
  switch (type) {
    case 'TEXT':
    case 'TEMPLATE':
      if (media) break
      return <Words content={content} marked={marked} foot={foot} isPrivate={message.isPrivate} />
    case 'IMAGE':
      if (media) return content ? <Framed below={below}><Picture message={message} /></Framed> : <Picture message={message}>{footOver}</Picture>
      break
    case 'VIDEO':
      if (media) return content ? <Framed below={below}><Film message={message} /></Framed> : <Film message={message}>{footOver}</Film>
      break
    case 'STICKER':
      if (media) return media.state === 'READY' ? <Sticker message={message}>{footOver}</Sticker> : <><Sticker message={message} />{foot}</>
      break
    case 'LOCATION':
      if (location) {
        const words = content === location.name || content === location.address ? '' : content
        const spot = <Coming height="h-44"><Spot location={location} foot={words ? null : foot} /></Coming>
        return words ? <Framed below={<Below content={words} marked={marked} foot={foot} />}>{spot}</Framed> : spot
      }
      break
    case 'CONTACTS':
      if (contacts?.length) return <><Coming height="h-24"><Cards cards={contacts} /></Coming>{foot}</>
      break
    case 'ORDER':
      if (order) return <><Coming height="h-28"><Basket order={order} /></Coming>{below}</>
      break
    case 'POLL':
      if (poll) return <Coming height="h-40"><Poll poll={poll} foot={foot} /></Coming>
      break
    case 'REACTION':
      return <Words content={content} marked={marked} foot={foot} isPrivate={false} />
    default:
      break
  }
  if (media) {
    if (type === 'AUDIO') return media.state === 'READY' ? <><Sound messageId={message.id} media={media}>{content ? null : foot}</Sound>{content && below}</> : <><MediaState messageId={message.id} media={media} word={typeWords(type, media.isVoice)} />{content ? <div className="mt-1 flow-root">{below}</div> : below}</>
    const isCard = headOf(message) === 'card'
    return <><Head message={message} />{isCard && content ? <div className="mt-1 flow-root">{below}</div> : below}</>
  }
  return <Unknown message={message} marked={marked} foot={foot} />
}

/** How a file is shown that stands above words or buttons: a template's, or that of a kind younger than this desk. */
function headOf({ type, media }: Shown): 'picture' | 'film' | 'card' {
  if (type === 'DOCUMENT') return 'card'
  if (type === 'VIDEO' || media?.mime?.startsWith('video/')) return 'film'
  return type === 'IMAGE' || media?.mime?.startsWith('image/') ? 'picture' : 'card'
}

function Head({ message }: { message: Shown }) {
  const head = headOf(message)
  return head === 'picture' ? <Picture message={message} /> : head === 'film' ? <Film message={message} /> : <FileCard message={message} />
}

const SIZES = ['', 'text-[2.9rem] leading-[1.2]', 'text-[2.3rem] leading-[1.2]', 'text-[2rem] leading-[1.2]'] as const

function Words({ content, marked, foot, isPrivate }: { content: string; marked: string; foot: ReactNode; isPrivate: boolean }) {
  const count = isPrivate ? 0 : emojiOnly(content)
  if (count > 0) return <><span className={SIZES[count] ?? 'text-[1.6rem] leading-[1.25]'}>{content.trim()}</span>{foot}</>
  return <><Rich text={content} marked={marked} />{foot}</>
}

/** A picture with words below it, as wide as the picture. */
function Framed({ children, below }: { children: ReactNode; below: ReactNode }) {
  return (
    // The words take the picture's width and never widen it.
    <div className="grid w-fit max-w-full grid-cols-[minmax(0,max-content)]">
      {children}
      <div className="w-0 min-w-full px-2 pt-1 pb-1">{below}</div>
    </div>
  )
}

function Below({ content, marked, foot }: { content: string; marked: string; foot: ReactNode }) {
  return content ? <><Rich text={content} marked={marked} />{foot}</> : <>{foot}</>
}

/** A kind this desk does not know: named honestly, and to be looked at as it came. */
function Unknown({ message, marked, foot }: { message: Shown; marked: string; foot: ReactNode }) {
  const t = useT()
  const { details } = usePlace()
  return (
    <span className="flex flex-col gap-1">
      <span className="text-sm font-medium">{typeWords(message.type)}</span>
      {message.content && <Rich text={message.content} marked={marked} />}
      <span className="text-xs opacity-80">{t('thread.unsupported')}</span>
      <button type="button" onClick={() => details(message.id)} className="touch min-h-6 self-start text-xs font-medium underline underline-offset-2">{t('thread.showRaw')}</button>
      <span>{foot}</span>
    </span>
  )
}
