import { useQuery } from '@tanstack/react-query'
import { useLingui } from '@lingui/react'
import { useState, type ReactNode } from 'react'
import { channels } from '@/api/calls'
import type { Channel, ChannelDay, ChannelFigures } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { Button } from '@/ui/button'
import { Segments } from '@/ui/controls'
import { Notice, Skeleton } from '@/ui/feedback'
import { Card, Cell, Table } from '@/ui/page'
import { chartOf, percentWords, tookWords, totalOf } from './figures'

/** Today's figures of a channel in a row. */
export function FigureRow({ figures }: { figures: ChannelFigures }) {
  const t = useT()
  const format = useFormat()
  const { i18n } = useLingui()
  return (
    <dl className="grid grid-cols-3 gap-x-4 gap-y-2.5 sm:grid-cols-5">
      <Figure label={t('figure.in')}>{format.number(figures.inToday)}</Figure>
      <Figure label={t('figure.out')}>{format.number(figures.outToday)}</Figure>
      <Figure label={t('figure.failed')} tone={figures.failedToday > 0 ? 'text-bad' : undefined}>{format.number(figures.failedToday)}</Figure>
      <Figure label={t('figure.uptime')}>{typeof figures.uptimePercent === 'number' ? percentWords(figures.uptimePercent, i18n.locale) : '–'}</Figure>
      <Figure label={t('figure.median')}>{typeof figures.medianDeliveryMs === 'number' ? tookWords(figures.medianDeliveryMs, i18n.locale) : '–'}</Figure>
    </dl>
  )
}

function Figure({ label, tone, children }: { label: string; tone?: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-xs text-text-3" title={label}>{label}</dt>
      <dd className={cx('tabular text-lg font-semibold', tone)}>{children}</dd>
    </div>
  )
}

const SPANS = ['7', '30', '90'] as const

/** How a channel did day by day: a picture, and the same as a table. */
export function Figures({ channel }: { channel: Channel }) {
  const t = useT()
  const format = useFormat()
  const { i18n } = useLingui()
  const [span, setSpan] = useState<(typeof SPANS)[number]>('30')
  const asked = useQuery({ queryKey: ['channels', channel.id, 'metrics', span], queryFn: async () => (await channels.metrics(channel.id, Number(span))).days, staleTime: 0, refetchInterval: 60_000 })
  const days = asked.data ?? []
  const total = totalOf(days)
  return (
    <>
      <Card
        title={t('figures.title')}
        hint={t('figures.hint')}
        actions={<Segments label={t('figures.span')} value={span} onChange={setSpan} options={SPANS.map((value) => ({ value, label: t('figures.days', { count: Number(value) }) }))} />}
        className="flex flex-col gap-5 p-4"
      >
        {asked.error ? (
          <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void asked.refetch()}>{t('action.retry')}</Button>}>{errorWords(asked.error)}</Notice>
        ) : asked.isPending ? (
          <Skeleton shape="box" className="h-64" />
        ) : (
          <>
            <dl className="grid grid-cols-2 gap-x-4 gap-y-2.5 sm:grid-cols-4">
              <Figure label={t('figures.in')}>{format.number(total.in)}</Figure>
              <Figure label={t('figures.out')}>{format.number(total.out)}</Figure>
              <Figure label={t('figures.failed')} tone={total.failed > 0 ? 'text-bad' : undefined}>{format.number(total.failed)}</Figure>
              <Figure label={t('figures.uptime')}>{total.uptimePercent === null ? '–' : percentWords(total.uptimePercent, i18n.locale)}</Figure>
            </dl>
            <Bars days={days} label={t('figures.chart', { count: days.length, in: format.number(total.in), out: format.number(total.out), failed: format.number(total.failed) })} />
          </>
        )}
      </Card>
      {days.length > 0 && (
        <Table
          label={t('figures.title')}
          head={[
            { key: 'day', label: t('figures.day') },
            { key: 'in', label: t('figures.in'), end: true },
            { key: 'out', label: t('figures.out'), end: true },
            { key: 'failed', label: t('figures.failed'), end: true },
            { key: 'median', label: t('figure.median'), end: true, hide: true },
            { key: 'uptime', label: t('figures.uptime'), end: true, hide: true },
          ]}
        >
          {days.toReversed().map((day) => (
            <tr key={day.day} className="tabular">
              <Cell className="whitespace-nowrap">{dayWords(day.day, i18n.locale)}</Cell>
              <Cell end>{format.number(day.in)}</Cell>
              <Cell end>{format.number(day.out)}</Cell>
              <Cell end className={day.failed > 0 ? 'text-bad' : undefined}>{format.number(day.failed)}</Cell>
              <Cell end hide>{typeof day.medianDeliveryMs === 'number' ? tookWords(day.medianDeliveryMs, i18n.locale) : '–'}</Cell>
              <Cell end hide>{typeof day.uptimePercent === 'number' ? percentWords(day.uptimePercent, i18n.locale) : '–'}</Cell>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}

/** A day of the firm's calendar has no hour, so no zone may move it. */
const dayWords = (day: string, locale: string) => new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(`${day}T12:00:00Z`))

const HEIGHT = 160
const UNIT = 100

/** Two bars a day, in and out, what failed on top of the latter. The table below says the same to who can't see it. */
function Bars({ days, label }: { days: readonly ChannelDay[]; label: string }) {
  const t = useT()
  const format = useFormat()
  const { i18n } = useLingui()
  const { top, bars } = chartOf(days)
  const width = Math.max(1, bars.length) * UNIT
  const bar = (x: number, share: number, fill: string, below = 0) => share > 0 && <rect x={x} y={HEIGHT * (1 - below - share)} width={34} height={Math.max(1.5, HEIGHT * share)} className={fill} />
  return (
    <figure className="flex flex-col gap-2">
      <div className="flex gap-2">
        <div aria-hidden="true" className="tabular flex flex-col justify-between text-right text-2xs text-text-3" style={{ height: HEIGHT }}>
          <span>{format.number(top)}</span>
          <span>{top > 1 ? format.number(top / 2) : ''}</span>
          <span>0</span>
        </div>
        <svg viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label} className="w-full min-w-0 flex-1" style={{ height: HEIGHT }}>
          {[0, 0.5, 1].map((share) => <line key={share} x1="0" x2={width} y1={HEIGHT * share} y2={HEIGHT * share} className="stroke-line" vectorEffect="non-scaling-stroke" />)}
          {bars.map((one, index) => (
            <g key={one.day}>
              <title>{`${dayWords(one.day, i18n.locale)}: ${t('figures.in')} ${days[index]!.in}, ${t('figures.out')} ${days[index]!.out}, ${t('figures.failed')} ${days[index]!.failed}`}</title>
              <rect x={index * UNIT} y="0" width={UNIT} height={HEIGHT} className="fill-transparent" />
              {bar(index * UNIT + 13, one.in, 'fill-text-3')}
              {bar(index * UNIT + 53, one.out, 'fill-lamp')}
              {bar(index * UNIT + 53, one.failed, 'fill-bad', one.out)}
            </g>
          ))}
        </svg>
      </div>
      <div aria-hidden="true" className="flex justify-between pl-8 text-2xs text-text-3">
        <span>{days[0] && dayWords(days[0].day, i18n.locale)}</span>
        <span>{days.at(-1) && dayWords(days.at(-1)!.day, i18n.locale)}</span>
      </div>
      <figcaption className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-text-2">
        <Legend colour="bg-text-3">{t('figures.in')}</Legend>
        <Legend colour="bg-lamp">{t('figures.out')}</Legend>
        <Legend colour="bg-bad">{t('figures.failed')}</Legend>
      </figcaption>
    </figure>
  )
}

function Legend({ colour, children }: { colour: string; children: ReactNode }) {
  return <span className="inline-flex items-center gap-1.5"><span aria-hidden="true" className={cx('size-2.5 rounded-sm', colour)} />{children}</span>
}
