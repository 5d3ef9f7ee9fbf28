import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { deadLetters } from '@/api/calls'
import type { DeadLetter } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { go } from '@/app/go'
import { usePeople } from '@/features/conversations/directory'
import { Button } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { Notice, Skeleton } from '@/ui/feedback'
import { RetryIcon, TrashIcon } from '@/ui/icons'
import { Card, Page } from '@/ui/page'
import { toast } from '@/ui/toasts'
import { useWho } from './data'
import { LetterState } from './DeadLetters'
import { rawWords } from './raw'
import { sizeWords } from '@/features/conversations/composer/files'
import { reasonWords } from './words'

/** One dead letter, whole: why, what came, and the decision. */
export default function DeadLetterPage() {
  const t = useT()
  usePeople()
  const { deadLetterId } = useParams({ strict: false }) as { deadLetterId: string }
  const asked = useQuery({ queryKey: ['deadletter', 'one', deadLetterId], queryFn: () => deadLetters.get(deadLetterId) })
  if (asked.data) return <Whole key={asked.data.id} letter={asked.data} />
  return (
    <Page title={t('deadLetters.one')}>
      {asked.error ? (
        <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void asked.refetch()}>{t('action.retry')}</Button>}>{errorWords(asked.error)}</Notice>
      ) : (
        <Skeleton shape="box" className="h-64" />
      )}
    </Page>
  )
}

function Whole({ letter }: { letter: DeadLetter }) {
  const t = useT()
  const format = useFormat()
  const who = useWho(letter.decidedBy)
  const [asking, setAsking] = useState(false)
  const decide = useMutation({
    mutationFn: (verb: 'retry' | 'discard') => deadLetters[verb](letter.id),
    onSuccess: (_, verb) => toast(verb === 'retry' ? t('deadLetters.retried') : t('deadLetters.discarded')),
    // A refused retry can have changed it as well: somebody else decided.
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['deadletter'] }),
  })
  const open = letter.state === 'OPEN'
  const facts: [string, string | null][] = [
    [t('deadLetters.kind'), wordsFor('deadKind', letter.kind, 'deadKind.other')],
    [t('deadLetters.at'), format.exact(letter.at)],
    [t('deadLetters.attempts'), format.number(letter.attempts)],
    [t('deadLetters.code'), letter.code],
    [t('deadLetters.subject'), letter.subject ?? null],
    [t('deadLetters.decided'), letter.decidedAt ? t('deadLetters.decidedBy', { who, at: format.full(letter.decidedAt) }) : null],
  ]
  return (
    <Page
      title={t('deadLetters.one')}
      actions={
        open ? (
          <>
            <Button kind="danger" icon={<TrashIcon size={16} />} disabled={decide.isPending} onClick={() => setAsking(true)}>{t('deadLetters.discard')}</Button>
            <Button kind="primary" icon={<RetryIcon size={16} />} busy={decide.isPending} onClick={() => decide.mutate('retry')}>{t('action.retry')}</Button>
          </>
        ) : (
          <Button onClick={() => go('/settings/dead-letters')}>{t('deadLetters.all')}</Button>
        )
      }
    >
      {decide.error && <Notice tone="bad" role="alert">{errorWords(decide.error)}</Notice>}
      <Card className="flex flex-col gap-4 p-4">
        <div className="flex flex-wrap items-start gap-2">
          <LetterState state={letter.state} />
          <p className="min-w-0 flex-1 text-base break-words">{reasonWords(letter.code)}</p>
        </div>
        <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1.5 text-sm">
          {facts.map(
            ([label, value]) =>
              value && (
                <div key={label} className="contents">
                  <dt className="text-text-3">{label}</dt>
                  <dd className="tabular min-w-0 break-all">{value}</dd>
                </div>
              ),
          )}
          {letter.reason && (
            <div className="contents">
              <dt className="text-text-3">{t('deadLetters.details')}</dt>
              <dd className="min-w-0 break-words" lang="en">{letter.reason}</dd>
            </div>
          )}
        </dl>
      </Card>
      <Raw letter={letter} />
      <Confirm open={asking} onOpenChange={setAsking} title={t('deadLetters.discardAsk')} confirm={t('deadLetters.discard')} cancel={t('action.cancel')} onConfirm={() => decide.mutate('discard')} danger>
        {t('deadLetters.discardHint')}
      </Confirm>
    </Page>
  )
}

function Raw({ letter }: { letter: DeadLetter }) {
  const t = useT()
  const raw = letter.raw && letter.raw.content !== '' ? rawWords(letter.raw) : null
  return (
    <Card title={t('deadLetters.raw')} hint={raw ? `${t(`deadRaw.${raw.kind}`)} · ${sizeWords(letter.size)}` : undefined} className="p-0">
      {raw ? (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, so the keyboard must reach it
        <pre tabIndex={0} className="max-h-[28rem] overflow-auto bg-sunken p-3 font-mono text-xs -outline-offset-2 whitespace-pre-wrap [overflow-wrap:anywhere]">{raw.text}</pre>
      ) : (
        <p className="p-4 text-sm text-text-3">{t('deadLetters.noRaw')}</p>
      )}
    </Card>
  )
}
