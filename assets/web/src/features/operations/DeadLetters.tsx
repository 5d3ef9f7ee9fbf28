import { Link, useSearch } from '@tanstack/react-router'
import type { DeadLetter } from '@/api/types'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { go } from '@/app/go'
import { EmptyState } from '@/ui/feedback'
import { CheckIcon } from '@/ui/icons'
import { Cell, Page, Table } from '@/ui/page'
import { Select } from '@/ui/select'
import { Badge } from '@/ui/text'
import { useDeadLetters } from './data'
import { Code, Listed, When } from './lists'
import { reasonWords } from './words'

const KINDS = ['inbound', 'delivery', 'reaction', 'timer'] as const

/** What could not be read, sent or done, waiting for somebody to decide. */
export default function DeadLetters() {
  const t = useT()
  const format = useFormat()
  const asked = (useSearch({ strict: false }) as { kind?: unknown }).kind
  const kind = KINDS.find((known) => known === asked)
  const list = useDeadLetters(kind)
  const letters = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page title={t('deadLetters.title')} intro={t('deadLetters.intro')} wide>
      <Select
        label={t('deadLetters.show')}
        className="w-full! sm:w-80!"
        value={kind ?? 'open'}
        onChange={(next) => go(next === 'open' ? '/settings/dead-letters' : `/settings/dead-letters?kind=${next}`, true)}
        options={[{ value: 'open' as string, label: t('deadLetters.allOpen') }, ...KINDS.map((one) => ({ value: one as string, label: t('deadLetters.allOf', { kind: t(`deadKind.${one}`) }) }))]}
      />
      <Listed
        list={list}
        count={letters.length}
        empty={<EmptyState icon={<CheckIcon />} title={kind ? t('deadLetters.noneOf') : t('deadLetters.none')}>{kind ? undefined : t('deadLetters.noneHint')}</EmptyState>}
      >
        <Table
          label={t('deadLetters.title')}
          head={[
            { key: 'reason', label: t('deadLetters.reason') },
            { key: 'kind', label: t('deadLetters.kind'), hide: true },
            { key: 'attempts', label: t('deadLetters.attempts'), hide: true, end: true },
            { key: 'at', label: t('deadLetters.at') },
            ...(kind ? [{ key: 'state', label: t('deadLetters.state') }] : []),
          ]}
        >
          {letters.map((letter) => (
            <tr key={letter.id} className="align-top hover:bg-hover">
              <Cell className="w-full max-w-0 sm:w-1/2">
                <Link to={`/settings/dead-letters/${letter.id}`} className="block min-h-6 truncate rounded-sm font-medium hover:underline max-sm:py-3.5">{reasonWords(letter.code)}</Link>
                <Code>{letter.code}</Code>
                <span className="block truncate text-xs text-text-3" lang="en" title={letter.reason}>{letter.reason}</span>
                <span className="text-xs text-text-3 sm:hidden">{wordsFor('deadKind', letter.kind, 'deadKind.other')}</span>
              </Cell>
              <Cell hide>{wordsFor('deadKind', letter.kind, 'deadKind.other')}</Cell>
              <Cell hide end className="tabular">{format.number(letter.attempts)}</Cell>
              <Cell><When at={letter.at} /></Cell>
              {kind && <Cell><LetterState state={letter.state} /></Cell>}
            </tr>
          ))}
        </Table>
      </Listed>
    </Page>
  )
}

export function LetterState({ state }: { state: DeadLetter['state'] }) {
  return <Badge tone={state === 'OPEN' ? 'accent' : state === 'RETRIED' ? 'good' : 'neutral'}>{wordsFor('deadState', state, 'deadState.OPEN')}</Badge>
}
