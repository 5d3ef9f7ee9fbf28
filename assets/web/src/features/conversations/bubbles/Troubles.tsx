import { useState, type ReactNode } from 'react'
import { cache } from '@/api/cache'
import { messages } from '@/api/calls'
import type { Message } from '@/api/types'
import { errorWords } from '@/app/errors'
import { known, useT, wordsFor, type MessageId } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { toast } from '@/ui/toasts'

function Line({ tone, alert, children }: { tone: 'bad' | 'warn'; alert?: boolean; children: ReactNode }) {
  return (
    <span role={alert ? 'alert' : undefined} className={cx('mt-1 flex max-w-[min(36rem,86%)] flex-wrap items-center justify-end gap-x-2 text-right text-xs', tone === 'bad' ? 'text-bad' : 'text-accent-text')}>
      {children}
    </span>
  )
}

const PRESS = 'touch min-h-6 font-semibold underline underline-offset-2'

/** Nobody knows whether it arrived: what happened, as far as it is known, and how to find out. */
export function UnknownLine({ message: { error } }: { message: Message }) {
  const t = useT()
  const next = `failureNext.${error?.nextStep}`
  return (
    <Line tone="warn">
      <span>{error && known(next) ? wordsFor('failure', error.code, 'failure.outcome_unknown') : t('failure.unknown')}</span>
      {known(next) && <span>{t(next)}</span>}
    </Line>
  )
}

/** What one of us did to it and the provider would not have, or never answered. */
export function ActLines({ message }: { message: Message }) {
  const t = useT()
  return message.acts
    ?.filter((act) => act.state !== 'PENDING')
    .map((act) => {
      const { code, reason } = act.error ?? {}
      const own = `failure.${code}`
      const what = t(`acts.${act.state === 'REFUSED' ? 'refused' : 'unknown'}.${act.kind}`, { emoji: act.emoji || '✕' })
      return (
        <Line key={act.id} tone={act.state === 'REFUSED' ? 'bad' : 'warn'}>
          <span>{what}</span>
          {code && known(own) ? <span className="text-text-2">{t(own)}</span> : reason && <span lang="en" className="text-text-2">{reason}</span>}
        </Line>
      )
    })
}

/** A refusal is news for this long after the message was written. */
const NEWS_MS = 10 * 60_000

/** The provider or the box said no: why, and what to do next. */
export function FailedLine({ message }: { message: Message }) {
  const t = useT()
  const { error } = message
  const code = error?.code
  // The provider's own code first, then the class of trouble, then its words as they are.
  const ids = [`failure.${code}`, `failureClass.${error?.nextStep}`]
  const id = ids.find(known) as MessageId | undefined
  const nextId = `failureNext.${error?.nextStep}`
  const again = async () => {
    try {
      cache.put('message', await messages.retry(message.id))
    } catch (problem) {
      toast(errorWords(problem), { tone: 'bad' })
    }
  }
  // Of a message of long ago it is history, and no news to interrupt anybody with.
  const [recent] = useState(() => Date.now() - Date.parse(message.createdAt) < NEWS_MS)
  return (
    <Line tone="bad" alert={recent}>
      {id ? <span>{t(id)}</span> : error?.reason ? <span lang="en">{error.reason}</span> : <span>{t('failure.refused')}</span>}
      {known(nextId) && <span className="text-text-2">{t(nextId)}</span>}
      <button type="button" className={PRESS} onClick={() => void again()}>{t('action.retry')}</button>
    </Line>
  )
}
