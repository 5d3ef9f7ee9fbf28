import type { ChannelDay } from '@/api/types'

/** Bars of one day in a chart, in units of its height from the bottom; `top` is the number at the upper edge. */
export interface Bar {
  day: string
  in: number
  out: number
  failed: number
}
export interface Chart {
  top: number
  bars: Bar[]
}

/** Heights of all days against the busiest, with a round number at the top. */
export function chartOf(days: readonly ChannelDay[]): Chart {
  const top = roundUp(Math.max(1, ...days.map((day) => Math.max(day.in, day.out + day.failed))))
  return { top, bars: days.map(({ day, in: came, out, failed }) => ({ day, in: came / top, out: out / top, failed: failed / top })) }
}

/** The next of 1, 2, 5, 10, 20, 50 … */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= value)!
}

/** All days together; the median of medians is no median, so it is left out where days differ. */
export function totalOf(days: readonly ChannelDay[]) {
  const sum = (of: (day: ChannelDay) => number) => days.reduce((all, day) => all + of(day), 0)
  const known = days.map((day) => day.uptimePercent).filter((one): one is number => typeof one === 'number')
  return { in: sum((day) => day.in), out: sum((day) => day.out), failed: sum((day) => day.failed), uptimePercent: known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : null }
}

/** 850 ms, 1.4 s, 3 min: how long deliveries take. */
export function tookWords(ms: number, locale: string): string {
  const [value, unit] = ms < 1_000 ? [Math.round(ms), 'millisecond'] : ms < 60_000 ? [ms / 1_000, 'second'] : [ms / 60_000, 'minute']
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
}

/** 99.9 %: never rounded up to a whole hundred. */
export function percentWords(percent: number, locale: string): string {
  const shown = percent < 100 ? Math.min(percent, 99.99) : 100
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: shown < 99 ? 1 : 2 }).format(shown / 100)
}
