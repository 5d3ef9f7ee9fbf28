import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { BlockIcon, ClockIcon, HideIcon, PassOnIcon } from '@/ui/icons'
import type { MessageStatus } from '@/api/types'
import { cx } from '@/lib/cx'
import { originOf } from '../origin'
import type { Pending } from '../outbox'
import { StatusTick } from '../StatusTick'
import type { Shown } from './contract'
import { showOver } from './over'
import { whoWords } from './people'
import { usePlace } from './place'

/** How it came, where that is worth a word: by an ad, passed on, or made from a template. */
export function Came({ message }: { message: Shown }) {
  const t = useT()
  const { referral, forwarded } = originOf(message.metadata)
  const passedOn = forwarded ?? (message.isForwarded ? 'once' : null)
  const ad = referral && [t(`origin.${referral.kind}`), referral.headline].filter(Boolean).join(' · ')
  if (!ad && !passedOn && !message.template) return null
  return (
    <span className="mb-0.5 flex flex-wrap items-center gap-x-2 text-2xs opacity-80">
      {ad && <span className="truncate">{ad}</span>}
      {passedOn && (
        <span className="flex items-center gap-1 italic">
          <PassOnIcon size={12} />
          {t(`origin.forwarded.${passedOn}`)}
        </span>
      )}
      {message.template && <span className="rounded-xs border border-current/25 px-1 leading-4 font-medium" title={`${message.template.name} · ${message.template.language}`}>{t('bubble.template')}</span>}
    </span>
  )
}

/** When, whether it was changed, and how far it got. `over`: on a picture. */
export function Foot({ at, status, message, over }: { at: string; status: MessageStatus | Pending['state'] | null; message?: Shown; over?: boolean }) {
  const t = useT()
  const format = useFormat()
  const isEdited = (message?.edits?.length ?? 0) > 0 && !message?.revokedAt
  const isChanging = message?.acts?.some((act) => act.kind === 'EDIT' && act.state === 'PENDING')
  const later = message?.scheduledFor && message.status === 'PENDING' ? message.scheduledFor : null
  return (
    <span className={cx('tabular flex items-center gap-1 text-2xs select-none', over ? 'absolute right-1.5 bottom-1.5 rounded-full bg-ink/70 px-1.5 py-px text-white' : 'float-right mt-1.5 -mb-0.5 ml-3 opacity-75')}>
      {later && (
        <span className="flex items-center gap-1 font-medium">
          <ClockIcon size={12} />
          {t('bubble.goesOut', { when: format.stamp(later) })}
        </span>
      )}
      {isChanging && <ClockIcon size={12} role="img" aria-hidden={false} aria-label={t('acts.pending.EDIT')} />}
      {isEdited && (
        <button type="button" className="touch underline decoration-dotted underline-offset-2" onClick={(event) => showOver({ kind: 'edits', messageId: message!.id, anchor: event.currentTarget })}>
          {t('bubble.edited')}
        </button>
      )}
      {!later && <time dateTime={at} title={format.full(at)}>{format.time(at)}</time>}
      {status && !later && <StatusTick status={status} onDark={over} />}
    </span>
  )
}

/** Where a message stood that was taken back, or put out of sight here. */
export function Tombstone({ message }: { message: Shown }) {
  const t = useT()
  const format = useFormat()
  const place = usePlace()
  const { revokedAt, revokedBy, isHidden } = message
  const by = revokedBy ?? (message.direction === 'INBOUND' && !isHidden ? (message.author ? 'member' : 'customer') : null)
  const name = by ? whoWords(by, place, message.author?.address, message.author?.name) : null
  const isAsked = message.acts?.some((act) => act.kind === 'DELETE' && act.state === 'PENDING')
  const Icon = isHidden ? HideIcon : BlockIcon
  const id = isHidden ? 'tombstone.hidden' : 'tombstone.revoked'
  return (
    <span className="flex items-center gap-1.5 text-sm italic opacity-80">
      <Icon size={15} className="shrink-0" />
      <span>
        {by === place.me ? t(`${id}ByYou`) : name ? t(`${id}By`, { name }) : t(id)}
        {revokedAt && <span className="not-italic"> · {format.stamp(revokedAt)}</span>}
        {isAsked && <ClockIcon size={12} role="img" aria-hidden={false} aria-label={t('acts.pending.DELETE')} className="ml-1 inline" />}
      </span>
    </span>
  )
}
