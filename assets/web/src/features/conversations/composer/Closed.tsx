import { useEffect, useState } from 'react'
import type { Conversation, SendWindow } from '@/api/types'
import { useFormat } from '@/app/format'
import { known, useT } from '@/app/i18n'
import { can } from '@/app/session'
import { setBlocked } from '@/features/contacts/block'
import { Button } from '@/ui/button'
import { BlockIcon, ClockIcon, TemplateIcon } from '@/ui/icons'
import { reopen } from '../actions'
import { customerName } from '../words'

/** Near the end of the send window the time left is shown. */
const WARN_MS = 2 * 3_600_000

export type Why = 'resolved' | 'archived' | 'blocked' | 'window'

/** Why no free text may go out at `now`; null when it may. */
export function whyClosed(conversation: Conversation, now: number): Why | null {
  if (conversation.status === 'RESOLVED') return 'resolved'
  if (conversation.status === 'ARCHIVED') return 'archived'
  if (conversation.contact?.isBlocked) return 'blocked'
  const kinds = kindsAt(conversation.sendWindow, now)
  return !kinds || kinds.includes('text') ? null : 'window'
}

/** What may go out at `at`, by the window as it stands. */
export function kindsAt(window: SendWindow | null | undefined, at: number): string[] | null {
  if (!window) return null
  return window.until && Date.parse(window.until) <= at ? window.kindsAfter : window.kinds
}

/** Says why no message can go out now, and what helps. */
export function Closed({ conversation, why, onTemplate }: { conversation: Conversation; why: Why; onTemplate?: () => void }) {
  const t = useT()
  const format = useFormat()
  const { reason, until } = conversation.sendWindow ?? {}
  const own = `window.${reason}`
  return (
    <div className="flex flex-wrap items-start gap-x-3 gap-y-2 px-3.5 pt-2 pb-3.5 text-sm text-text-2">
      {why === 'blocked' ? <BlockIcon size={18} className="mt-0.5 shrink-0 text-text-3" /> : <ClockIcon size={18} className="mt-0.5 shrink-0 text-text-3" />}
      <div className="min-w-52 flex-1">
        <p className="font-medium text-text">{why === 'window' ? (known(own) ? t(own) : t('window.closed')) : t(`window.${why}`)}</p>
        {why === 'blocked' && <p className="text-text-3">{t('window.blockedHint')}</p>}
        {why === 'window' && <p className="text-text-3">{!conversation.lastInboundAt ? t('window.notYet') : until ? t('window.closedSince', { when: format.full(until) }) : t('window.closedHint')}</p>}
        {why === 'window' && onTemplate && conversation.lastInboundAt && <p className="text-text-3">{t('composer.template.whyNow')}</p>}
      </div>
      {why === 'blocked' && can('contact.write') && <Button size="sm" onClick={() => void setBlocked({ id: conversation.contact.id, name: customerName(conversation) }, false)}>{t('contact.unblock')}</Button>}
      {why === 'resolved' && can('conversation.resolve') && <Button size="sm" onClick={() => void reopen(conversation.id)}>{t('command.reopen')}</Button>}
      {why === 'window' && onTemplate && <Button size="sm" kind="primary" icon={<TemplateIcon size={15} />} onClick={onTemplate}>{t('composer.template.choose')}</Button>}
    </div>
  )
}

/** Counts down the last hours in which an answer may go out. */
export function WindowLeft({ window, now }: { window?: SendWindow | null; now: number }) {
  const t = useT()
  const format = useFormat()
  if (!window?.until) return null
  const left = Date.parse(window.until) - now
  if (left > WARN_MS) return null
  return (
    <span className="mr-1.5 flex items-center gap-1 text-2xs font-medium text-accent-text">
      <ClockIcon size={12} />
      {t('window.closes', { when: format.relative(window.until, now) })}
    </span>
  )
}

/** Now, ticking only while something counts down. */
export function useClock(until: string | null | undefined): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!until || Date.parse(until) <= Date.now()) return
    const timer = setInterval(() => setNow(Date.now()), 15_000)
    return () => clearInterval(timer)
  }, [until])
  return now
}
