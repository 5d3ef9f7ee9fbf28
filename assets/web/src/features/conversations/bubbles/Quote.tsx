import { cache } from '@/api/cache'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { previewWords } from '../words'
import { KindIcon } from './KindIcon'
import { hueOf } from './people'
import { usePlace } from './place'
import { senderOf } from '../sender'
import type { Shown } from './contract'

/** The beginning of what a message answers; a press goes there. */
export function Quote({ id, quoted }: { id: string; quoted?: Shown['quoted'] }) {
  const t = useT()
  const { jump, customer, isGroup, me } = usePlace()
  const known = cache.get('message', id) as Shown | undefined
  const isRevoked = known ? !!known.revokedAt : quoted?.isRevoked
  const type = known?.type ?? quoted?.type
  const direction = known?.direction ?? quoted?.direction
  const words = known ? known.content : quoted?.preview
  const isVoice = known?.media?.isVoice ?? quoted?.isVoice
  const author = known?.author?.name ?? (isGroup ? quoted?.senderName : null)
  const who = direction === 'INBOUND' ? author || customer : known?.senderId === me ? t('word.you') : (senderOf(known?.senderId, known?.senderName ?? quoted?.senderName) ?? t('thread.firm'))
  const picture = known?.media?.state === 'READY' ? known.media.thumbnailUrl : null
  return (
    <button type="button" onClick={() => jump(id)} className="mb-1 flex w-full max-w-full min-w-40 items-stretch gap-2 overflow-hidden rounded-md border-l-[3px] border-accent-text bg-current/6 text-left text-xs transition-colors hover:bg-current/10" style={author ? { borderColor: authorColour(known?.author?.address ?? author) } : undefined}>
      <span className="min-w-0 flex-1 px-2 py-1">
        {direction && <span className="block truncate font-semibold">{who}</span>}
        <span className={cx('flex items-center gap-1 opacity-85', isRevoked && 'italic')}>
          {type && !isRevoked && <KindIcon type={type} isVoice={isVoice} />}
          <span className="truncate">{isRevoked ? t('tombstone.short') : type ? previewWords(type, words ?? null, isVoice) : t('thread.quoteOlder')}</span>
        </span>
      </span>
      {picture && <img src={picture} alt="" className="size-11 shrink-0 object-cover" />}
    </button>
  )
}

/** A colour for one of a group, readable on their bubble by day and by night. */
export function authorColour(address: string): string {
  const hue = hueOf(address)
  return `light-dark(oklch(0.48 0.12 ${hue}), oklch(0.8 0.1 ${hue}))`
}
