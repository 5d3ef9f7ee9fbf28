/** A moment as a calendar and a clock of one zone show it. */
export interface Wall {
  /** 2026-11-22 */
  date: string
  /** 14:05 */
  time: string
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** What calendar and clock of `zone` show at `at`. */
export function wallAt(at: Date, zone: string): Wall {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  return { date: `${parts.year}-${parts.month}-${parts.day}`, time: `${parts.hour}:${parts.minute}` }
}

/**
 * The moment at which calendar and clock of `zone` show this; null for what is no date. In the hour that a change of
 * clocks leaves out, the moment as long after the change; in the one it repeats, the first.
 */
export function momentOf({ date, time }: Wall, zone: string): Date | null {
  const asUtc = Date.parse(`${date}T${time}:00Z`)
  if (Number.isNaN(asUtc)) return null
  const offsets = [asUtc - DAY_MS, asUtc + DAY_MS].map((near) => offsetAt(near, zone))
  const found = offsets.map((offset) => asUtc - offset).filter((at) => at + offsetAt(at, zone) === asUtc)
  return new Date(found.length > 0 ? Math.min(...found) : asUtc - offsets[0]!)
}

/** How far the clocks of `zone` are ahead of UTC, in ms. */
function offsetAt(at: number, zone: string): number {
  const { date, time } = wallAt(new Date(at), zone)
  return Date.parse(`${date}T${time}:00Z`) - Math.floor(at / MINUTE_MS) * MINUTE_MS
}

/** The calendar day `days` later. */
function later(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

export type Shortcut = 'hour' | 'evening' | 'tomorrow' | 'monday'

/** Moments people often mean, as the clocks of the firm show them; only those still to come. */
export function shortcuts(now: Date, zone: string): { id: Shortcut; wall: Wall }[] {
  const today = wallAt(now, zone)
  const weekday = new Date(`${today.date}T00:00:00Z`).getUTCDay()
  const all: { id: Shortcut; wall: Wall }[] = [
    { id: 'hour', wall: wallAt(new Date(now.getTime() + 3_600_000), zone) },
    { id: 'evening', wall: { date: today.date, time: '18:00' } },
    { id: 'tomorrow', wall: { date: later(today.date, 1), time: '09:00' } },
    { id: 'monday', wall: { date: later(today.date, ((8 - weekday) % 7) || 7), time: '09:00' } },
  ]
  const soonest = now.getTime() + 75 * MINUTE_MS
  return all.filter(({ id, wall }) => id !== 'evening' || momentOf(wall, zone)!.getTime() > soonest).filter(({ id }) => id !== 'monday' || weekday !== 0)
}

/** `Europe/Paris` and how far ahead it is, as the reader writes it: `Europe/Paris (UTC+1)`. */
export function zoneWords(zone: string, at: Date, locale: string): string {
  const short = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value
  return short ? `${zone.replaceAll('_', ' ')} (${short})` : zone
}
