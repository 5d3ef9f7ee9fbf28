const DIGITS_MIN = 6
const DIGITS_MAX = 15

/** What was typed, where it can only be a phone number: as it is dialled, with its country code; else null. */
export function dialled(text: string): string | null {
  const typed = text.trim()
  if (!/^(\+|00)?[\d\s().\-/]+$/.test(typed)) return null
  const digits = typed.replace(/^00/, '').replace(/\D/g, '')
  return digits.length >= DIGITS_MIN && digits.length <= DIGITS_MAX ? `+${digits}` : null
}
