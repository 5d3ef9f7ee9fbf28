import { useQuery } from '@tanstack/react-query'
import { messages } from '@/api/calls'
import type { Message, TimelineItem } from '@/api/types'
import { useFormat } from '@/app/format'
import { known, useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { Notice, Skeleton } from '@/ui/feedback'
import { errorWords } from '@/app/errors'
import { senderOf } from '../sender'

const TONES: Partial<Record<TimelineItem['kind'], string>> = { REFUSED: 'bg-bad', REVOKED: 'bg-bad', DELAYED: 'bg-lamp', UNANSWERED: 'bg-lamp', DELIVERED: 'bg-good', READ: 'bg-read', SENT: 'bg-good', ACCEPTED: 'bg-good' }

/** Every step of a message: each attempt, what the provider said to it, and what comes next. */
export function Timeline({ message }: { message: Message }) {
  const t = useT()
  const format = useFormat()
  // Each change of the message may be a new step.
  const query = useQuery({ queryKey: ['timeline', message.id, message.rev], queryFn: () => messages.timeline(message.id), staleTime: Infinity, placeholderData: (before) => before })
  return (
    <section>
      <h3 className="mb-2 text-sm font-medium">{t('timeline.title')}</h3>
      {query.isPending ? (
        <Skeleton className="h-24" />
      ) : query.error ? (
        <Notice tone="bad">{errorWords(query.error)}</Notice>
      ) : (
        <ol className="flex flex-col">
          {query.data.items.map((item, index, all) => (
            <li key={index} className="relative flex gap-3 pb-3 text-sm last:pb-0">
              {index < all.length - 1 && <span aria-hidden="true" className="absolute top-3.5 bottom-[-0.25rem] left-[0.1875rem] w-px bg-line-strong" />}
              <span aria-hidden="true" className={cx('relative mt-1.5 size-1.75 shrink-0 rounded-full', TONES[item.kind] ?? 'bg-text-3')} />
              <Step item={item} at={format.exact(item.at)} />
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function Step({ item, at }: { item: TimelineItem; at: string }) {
  const t = useT()
  const { kind, attempt, code, reason, nextStep, externalId, userId } = item
  const own = code ? `failure.${code}` : ''
  const next = `failureNext.${nextStep}`
  const what: string = `timeline.${kind}`
  const words = known(own) ? t(own) : null
  return (
    <div className="min-w-0 flex-1">
      <p className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="font-medium">
          {known(what) ? t(what, { attempt: attempt ?? 0 }) : kind}
          {userId && <span className="font-normal text-text-3"> · {senderOf(userId, null) ?? t('thread.firm')}</span>}
        </span>
        <time dateTime={item.at} className="tabular text-xs text-text-3">{at}</time>
      </p>
      {words && <p className="text-text-2">{words}</p>}
      {(code || reason) && (
        <p className="text-xs break-words text-text-3">
          {code && t('timeline.code', { code })}
          {code && reason && ' · '}
          {reason && <span lang="en">{reason}</span>}
        </p>
      )}
      {nextStep && known(next) && <p className="text-xs text-text-2">{t('timeline.next', { what: t(next) })}</p>}
      {externalId && <p className="truncate font-mono text-2xs text-text-3">{externalId}</p>}
    </div>
  )
}
