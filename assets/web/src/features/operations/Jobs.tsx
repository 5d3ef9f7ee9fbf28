import { useMutation } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { work } from '@/api/calls'
import type { Delivery, Job } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { go } from '@/app/go'
import { can } from '@/app/session'
import { usePeople } from '@/features/conversations/directory'
import { Button } from '@/ui/button'
import { Segments } from '@/ui/controls'
import { EmptyState } from '@/ui/feedback'
import { BoltIcon, ClockIcon, SendIcon } from '@/ui/icons'
import { Cell, Page, Table } from '@/ui/page'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { usePages, useWho } from './data'
import { Code, Listed, When } from './lists'
import { kindWords, reasonWords } from './words'

const TABS = ['jobs', 'deliveries', 'timers'] as const
/** Deliveries and timers have no frames: they are asked for again while somebody looks. */
const EVERY_MS = 5_000

/** What the house does behind the screens. */
export default function Jobs() {
  const t = useT()
  const asked = (useSearch({ strict: false }) as { show?: unknown }).show
  const tab = TABS.find((one) => one === asked) ?? 'jobs'
  return (
    <Page title={t('jobs.title')} intro={t(`jobs.intro.${tab}`)} wide>
      <div>
        <Segments label={t('jobs.title')} value={tab} onChange={(next) => go(next === 'jobs' ? '/settings/jobs' : `/settings/jobs?show=${next}`, true)} options={TABS.map((value) => ({ value, label: t(`jobs.tab.${value}`) }))} />
      </div>
      {tab === 'jobs' ? <JobList /> : tab === 'deliveries' ? <DeliveryList /> : <TimerList />}
    </Page>
  )
}

const TONES: Record<Job['state'] | Delivery['state'], 'good' | 'accent' | 'bad' | 'neutral'> = {
  WAITING: 'neutral',
  RUNNING: 'accent',
  IN_FLIGHT: 'accent',
  DONE: 'good',
  FAILED: 'bad',
  UNKNOWN: 'bad',
  HELD: 'accent',
  CANCELLED: 'neutral',
}

function State({ state }: { state: Job['state'] | Delivery['state'] }) {
  return <Badge tone={TONES[state]}>{wordsFor('workState', state, 'workState.WAITING')}</Badge>
}

/** What it is in words, and the house's own name of it. */
function Kind({ prefix, kind }: { prefix: 'jobKind' | 'deliveryKind' | 'timerKind'; kind: string }) {
  return (
    <>
      {kindWords(prefix, kind)}
      <Code>{kind}</Code>
    </>
  )
}

/** Why the last try failed: words by the code where there is one, then what the program wrote down. */
function LastError({ code, detail }: { code?: string | null; detail?: string | null }) {
  const t = useT()
  if (!code && !detail) return <span className="text-text-3">–</span>
  return (
    <span className="block text-xs break-words">
      <span className="text-bad">{code ? reasonWords(code) : t('workReason.failed')}</span>
      {code && <Code>{code}</Code>}
      {detail && <span className="line-clamp-3 text-text-3" lang="en" title={detail}>{detail}</span>}
    </span>
  )
}

function JobList() {
  const t = useT()
  usePeople()
  const list = usePages(['job', 'list'], work.jobs)
  const jobs = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Listed list={list} count={jobs.length} empty={<EmptyState icon={<BoltIcon />} title={t('jobs.none.jobs')} />}>
      <Table
        label={t('jobs.tab.jobs')}
        head={[
          { key: 'kind', label: t('jobs.kind') },
          { key: 'state', label: t('jobs.state') },
          { key: 'progress', label: t('jobs.progress'), hide: true },
          { key: 'attempts', label: t('jobs.failures'), hide: true, end: true },
          { key: 'next', label: t('jobs.nextRun'), hide: true },
          { key: 'error', label: t('jobs.lastError'), hide: true },
          ...(can('job.manage') ? [{ key: 'do', label: t('jobs.actions'), end: true }] : []),
        ]}
      >
        {jobs.map((job) => <JobRow key={job.id} job={job} />)}
      </Table>
    </Listed>
  )
}

function JobRow({ job }: { job: Job }) {
  const t = useT()
  const format = useFormat()
  const who = useWho(job.orderedBy)
  const act = useMutation({
    mutationFn: (verb: 'cancel' | 'retry') => (verb === 'cancel' ? work.cancelJob(job.id) : work.retryJob(job.id)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['job'] }),
    onError: (error) => toast(errorWords(error), { tone: 'bad' }),
  })
  const live = job.state === 'WAITING' || job.state === 'RUNNING'
  const again = job.state === 'FAILED' || job.state === 'CANCELLED'
  const words = job.total ? t('jobs.doneOf', { done: format.number(job.done), total: format.number(job.total) }) : format.number(job.done)
  return (
    <tr>
      <Cell>
        <Kind prefix="jobKind" kind={job.kind} />
        <span className="block text-xs text-text-3">#{job.number} · {who} · <When at={job.createdAt} /></span>
        <span className="tabular block text-xs text-text-3 sm:hidden">{words}</span>
        {job.lastError && <span className="sm:hidden"><LastError detail={job.lastError} /></span>}
      </Cell>
      <Cell><State state={job.state} /></Cell>
      <Cell hide className="tabular">
        {job.total ? <progress aria-label={t('jobs.progress')} className="block h-1.5 w-24 accent-primary" value={job.done} max={job.total} /> : null}
        <span className="text-xs">{words}</span>
      </Cell>
      <Cell hide end className="tabular">{format.number(job.attempts)}</Cell>
      <Cell hide><When at={live ? job.nextRun : null} /></Cell>
      <Cell hide className="max-w-64"><LastError detail={job.lastError} /></Cell>
      {can('job.manage') && (
        <Cell end>
          {live && <Button size="sm" busy={act.isPending} onClick={() => act.mutate('cancel')}>{t('jobs.cancel')}</Button>}
          {again && <Button size="sm" busy={act.isPending} onClick={() => act.mutate('retry')}>{t('jobs.goOn')}</Button>}
        </Cell>
      )}
    </tr>
  )
}

function DeliveryList() {
  const t = useT()
  const format = useFormat()
  const list = usePages(['delivery', 'list'], work.deliveries, EVERY_MS)
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Listed list={list} count={rows.length} empty={<EmptyState icon={<SendIcon />} title={t('jobs.none.deliveries')} />}>
      <Table
        label={t('jobs.tab.deliveries')}
        head={[
          { key: 'kind', label: t('jobs.kind') },
          { key: 'state', label: t('jobs.state') },
          { key: 'attempts', label: t('deadLetters.attempts'), hide: true, end: true },
          { key: 'next', label: t('jobs.nextRun') },
          { key: 'since', label: t('jobs.since'), hide: true },
          { key: 'error', label: t('jobs.lastError'), hide: true },
        ]}
      >
        {rows.map((row) => (
          <tr key={row.id}>
            <Cell>
              <Kind prefix="deliveryKind" kind={row.kind} />
              {row.lastError && <span className="sm:hidden"><LastError code={row.lastCode} detail={row.lastError} /></span>}
            </Cell>
            <Cell><State state={row.state} /></Cell>
            <Cell hide end className="tabular">{format.number(row.attempts)}</Cell>
            <Cell><When at={row.nextRun} /></Cell>
            <Cell hide><When at={row.createdAt} /></Cell>
            <Cell hide className="max-w-64"><LastError code={row.lastCode} detail={row.lastError} /></Cell>
          </tr>
        ))}
      </Table>
    </Listed>
  )
}

function TimerList() {
  const t = useT()
  const format = useFormat()
  const list = usePages(['timer', 'list'], work.timers, EVERY_MS)
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Listed list={list} count={rows.length} empty={<EmptyState icon={<ClockIcon />} title={t('jobs.none.timers')} />}>
      <Table
        label={t('jobs.tab.timers')}
        head={[
          { key: 'purpose', label: t('jobs.purpose') },
          { key: 'due', label: t('jobs.due') },
          { key: 'next', label: t('jobs.nextRun') },
          { key: 'attempts', label: t('jobs.failures'), hide: true, end: true },
          { key: 'error', label: t('jobs.lastError'), hide: true },
        ]}
      >
        {rows.map((row) => (
          <tr key={`${row.purpose}/${row.subject}`}>
            <Cell>
              <Kind prefix="timerKind" kind={row.purpose} />
              {row.lastError && <span className="sm:hidden"><LastError detail={row.lastError} /></span>}
            </Cell>
            <Cell><When at={row.due} /></Cell>
            <Cell><When at={row.nextRun} /></Cell>
            <Cell hide end className="tabular">{format.number(row.attempts)}</Cell>
            <Cell hide className="max-w-64"><LastError detail={row.lastError} /></Cell>
          </tr>
        ))}
      </Table>
    </Listed>
  )
}
