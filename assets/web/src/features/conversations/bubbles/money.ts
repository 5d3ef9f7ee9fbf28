/** Sums of decimal strings, exact: no float ever touches an amount. */
interface Decimal {
  units: bigint
  /** Digits after the point. */
  scale: number
}

function read(amount: string): Decimal | null {
  const match = /^(-?)(\d{1,30})(?:\.(\d{1,12}))?$/.exec(amount.trim())
  if (!match) return null
  const [, sign, whole, part = ''] = match
  return { units: BigInt(`${sign}${whole}${part}`), scale: part.length }
}

function write({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${units < 0n ? '-' : ''}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`
}

function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  const to = (one: Decimal) => one.units * 10n ** BigInt(scale - one.scale)
  return { units: to(a) + to(b), scale }
}

interface Line {
  quantity: number
  price?: string | null
  currency?: string | null
}

/** Price of one times how many, or null where the price is not a number. */
export function lineTotal({ quantity, price }: Line): string | null {
  const one = price == null ? null : read(price)
  return one && Number.isSafeInteger(quantity) ? write({ units: one.units * BigInt(quantity), scale: one.scale }) : null
}

/** Totals by currency; nothing where any line has no price, since the sum would be wrong. */
export function totals(lines: readonly Line[]): { amount: string; currency: string }[] {
  const sums = new Map<string, Decimal>()
  for (const line of lines) {
    const total = lineTotal(line)
    if (total === null) return []
    const currency = line.currency ?? ''
    const known = sums.get(currency)
    const amount = read(total)!
    sums.set(currency, known ? add(known, amount) : amount)
  }
  return [...sums].map(([currency, sum]) => ({ amount: write(sum), currency }))
}
