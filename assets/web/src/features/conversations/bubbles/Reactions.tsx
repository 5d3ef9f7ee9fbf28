import { memo } from 'react'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import type { Shown } from './contract'
import { showOver } from './over'
import { reactorWords } from './people'
import { usePlace } from './place'
import { groups } from './reactions'

/** Reactions on the lower edge of a bubble; a press says whose they are. */
export const Reactions = memo(function Reactions({ message }: { message: Shown }) {
  const t = useT()
  const place = usePlace()
  const found = groups(message.reactions)
  if (found.length === 0) return null
  // Asked of the provider, and not carried out yet.
  const isOnItsWay = message.acts?.some((act) => act.kind === 'REACTION' && act.state === 'PENDING')
  const people = found.reduce((sum, group) => sum + group.reactions.length, 0)
  const spoken = found.map((group) => `${group.emoji} ${group.reactions.map((one) => reactorWords(one, place)).join(', ')}`).join('; ')
  return (
    <button
      type="button"
      onClick={(event) => showOver({ kind: 'reactions', messageId: message.id, anchor: event.currentTarget })}
      className={cx(isOnItsWay && 'opacity-60', 'touch relative z-1 -mt-1.5 mx-2 inline-flex h-6 items-center gap-0.5 rounded-full border bg-surface px-1.5 text-sm shadow-xs transition-colors hover:bg-hover dark:bg-raised', found.some((group) => group.isOurs) ? 'border-accent-line' : 'border-line')}
    >
      <span className="sr-only">{t('reactions.of', { who: spoken })}</span>
      {found.slice(0, 4).map((group) => <span key={group.emoji} aria-hidden="true">{group.emoji}</span>)}
      {people > 1 && <span aria-hidden="true" className="tabular pr-0.5 pl-0.5 text-2xs text-text-2">{people}</span>}
    </button>
  )
})
