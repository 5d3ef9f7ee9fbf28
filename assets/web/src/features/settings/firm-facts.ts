import type { Rule } from '@/lib/check'

/** Currencies of the countries Farol is offered in, ISO 4217. */
export const CURRENCIES = ['EUR', 'BRL', 'GBP', 'CHF', 'USD', 'CAD', 'MXN', 'ARS', 'CLP', 'COP', 'PEN', 'UYU', 'PYG', 'AOA', 'MZN', 'CVE', 'MAD', 'TND', 'DZD', 'XOF'] as const

/** The formats of protocol numbers the server knows. */
export const PROTOCOL_FORMATS = ['yyyyddMMHHmmss', 'yyyyMMddHHmmss'] as const

/** What a protocol number of this format looks like at an instant, in a zone. */
export function protocolExample(format: string, at: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? ''
  const values: Record<string, string> = { yyyy: part('year'), MM: part('month'), dd: part('day'), HH: part('hour'), mm: part('minute'), ss: part('second') }
  return format.replace(/yyyy|MM|dd|HH|mm|ss/g, (token) => values[token]!)
}

/** Options by code with names from the browser, sorted by name; the present one is among them, known or not. */
export function namedCodes(codes: readonly string[], present: string, kind: 'region' | 'currency', locale: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(locale, { type: kind })
  const name = (code: string) => {
    try {
      return names.of(code) ?? code
    } catch {
      return code
    }
  }
  const all = codes.includes(present) || present === '' ? codes : [...codes, present]
  return all.map((value) => ({ value, label: kind === 'currency' ? `${name(value)} (${value})` : name(value) })).sort((a, b) => a.label.localeCompare(b.label, locale))
}

/** A time zone the browser knows; it is asked, for it also takes names its own list leaves out. */
export const knownZone: Rule = (text) => {
  try {
    return text.trim() === '' || new Intl.DateTimeFormat('en', { timeZone: text.trim() }) ? null : 'unknown'
  } catch {
    return 'unknown'
  }
}
