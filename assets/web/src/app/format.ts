import { useMemo } from 'react'
import { me } from './session'
import { useLingui } from '@lingui/react'

/** Shows instants in the firm's zone and the reader's language. */
export interface Format {
  /** 14:05 */
  time(at: string): string
  /** 22 November 2026 */
  day(at: string): string
  /** 22/11/2026, 14:05 */
  full(at: string): string
  /** 22/11/2026, 14:05:09: where seconds tell what came first. */
  exact(at: string): string
  /** Time today, weekday this week, date before: for lists. */
  brief(at: string): string
  /** 14:05 today, else 22 Nov, 14:05: where the hour counts, too. */
  stamp(at: string): string
  /** "today", "yesterday", else the day: for dividers. */
  dayName(at: string): string
  /** Same calendar day in the firm's zone? */
  sameDay(a: string, b: string): boolean
  /** "in 3 h", "5 min ago". */
  relative(at: string, now?: number): string
  number(value: number): string
  /** An amount as the API writes it, a decimal string, with its currency (ISO 4217): R$ 1.234,50. Never a float on the way. */
  money(amount: string, currency: string): string
}

const DAY_MS = 86_400_000
const formats = new Map<string, Format>()

export function formatFor(locale: string, zone: string | undefined): Format {
  const key = `${locale}|${zone ?? ''}`
  let format = formats.get(key)
  if (!format) formats.set(key, (format = makeFormat(locale, zone)))
  return format
}

function makeFormat(locale: string, timeZone: string | undefined): Format {
  const make = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { ...options, timeZone })
  const time = make({ hour: '2-digit', minute: '2-digit' })
  const day = make({ day: 'numeric', month: 'long', year: 'numeric' })
  const weekdayLong = make({ weekday: 'long', day: 'numeric', month: 'long' })
  const full = make({ dateStyle: 'short', timeStyle: 'short' })
  const exact = make({ dateStyle: 'short', timeStyle: 'medium' })
  const weekday = make({ weekday: 'short' })
  const short = make({ day: 'numeric', month: 'short' })
  const shortTime = make({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const old = make({ day: '2-digit', month: '2-digit', year: '2-digit' })
  const key = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
  const number = new Intl.NumberFormat(locale)
  const date = (at: string) => new Date(at)
  const daysAgo = (at: string) => Math.round((Date.parse(key.format(new Date())) - Date.parse(key.format(date(at)))) / DAY_MS)
  const capital = (words: string) => words.charAt(0).toLocaleUpperCase(locale) + words.slice(1)
  return {
    time: (at) => time.format(date(at)),
    day: (at) => day.format(date(at)),
    full: (at) => full.format(date(at)),
    exact: (at) => exact.format(date(at)),
    brief(at) {
      const days = daysAgo(at)
      if (days <= 0) return time.format(date(at))
      if (days < 7) return weekday.format(date(at))
      return days < 300 ? short.format(date(at)) : old.format(date(at))
    },
    stamp(at) {
      const days = daysAgo(at)
      if (days === 0) return time.format(date(at))
      return days < 300 ? shortTime.format(date(at)) : full.format(date(at))
    },
    dayName(at) {
      const days = daysAgo(at)
      if (days <= 1 && days >= 0) return capital(relative.format(-days, 'day'))
      return capital(days < 300 ? weekdayLong.format(date(at)) : day.format(date(at)))
    },
    sameDay: (a, b) => key.format(date(a)) === key.format(date(b)),
    relative(at, now = Date.now()) {
      const seconds = Math.round((Date.parse(at) - now) / 1000)
      const size = Math.abs(seconds)
      if (size < 60) return relative.format(seconds, 'second')
      if (size < 3600) return relative.format(Math.round(seconds / 60), 'minute')
      if (size < 86_400) return relative.format(Math.round(seconds / 3600), 'hour')
      return relative.format(Math.round(seconds / 86_400), 'day')
    },
    number: (value) => number.format(value),
    money: (amount, currency) => money(locale, amount, currency),
  }
}

/** The format of the reader's language and the firm's zone. */
export function useFormat(): Format {
  const { i18n: active } = useLingui()
  const { timezone, country } = me()?.tenant ?? {}
  return useMemo(() => formatFor(withRegion(active.locale, country), timezone), [active.locale, timezone, country])
}

function money(locale: string, amount: string, currency: string): string {
  const known = /^[A-Z]{3}$/.test(currency) && /^-?\d+(\.\d+)?$/.test(amount)
  // What can't be read is shown as it came: a wrong amount is worse than a plain one.
  if (!known) return `${amount} ${currency}`.trim()
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount as Intl.StringNumericLiteral)
}

/**
 * The reader's language as the firm's country writes it: a French desk in English counts to 24, not to 12. Where
 * nobody has written down how a country writes English, the days come before the months all the same.
 */
export function withRegion(locale: string, country: string | undefined): string {
  if (locale.includes('-') || !country || !/^[A-Z]{2}$/.test(country)) return locale
  const tag = `${locale}-${country}`
  const isKnown = new Intl.DateTimeFormat(tag).resolvedOptions().locale === tag
  return isKnown || locale !== 'en' ? tag : 'en-GB'
}
