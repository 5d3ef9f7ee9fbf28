import type { FieldProblem } from '@/api/types'

/** Says by the server's own code what is wrong with a text, or null. All but `required` let an empty text pass. */
export type Rule = (text: string) => string | null

export const required: Rule = (text) => (text.trim() === '' ? 'required' : null)

/** At least so many characters; for passwords, of which every one counts. */
export const atLeast = (min: number): Rule => (text) => (text !== '' && [...text].length < min ? 'too_short' : null)

/** At most so many characters, not counting blanks around them. */
export const atMost = (max: number): Rule => (text) => ([...text.trim()].length > max ? 'too_long' : null)

/** Something before and after one @; the rest is for the mail server to say. */
export const email: Rule = (text) => (text.trim() === '' || /^[^\s@<>,;"]{1,64}@[^\s@<>,;".]+(\.[^\s@<>,;".]+)*$/.test(text.trim()) ? null : 'format')

export const digits: Rule = (text) => (/^\d*$/.test(text.trim()) ? null : 'format')

/** A telephone number as people write one: at least three digits and the signs that stand between them. */
export const phone: Rule = (text) => {
  const typed = text.trim()
  return typed === '' || (/^\+?[\d\s().\-/]+$/.test(typed) && typed.replace(/\D/g, '').length >= 3) ? null : 'format'
}

/** An address a browser could open. */
export const webAddress: Rule = (text) => (text.trim() === '' || /^https?:\/\/\S+$/.test(text.trim()) ? null : 'format')

/** The first problem of each field, in the shape in which the server tells its own. */
export function check(values: Readonly<Record<string, string>>, rules: Readonly<Record<string, readonly Rule[]>>): FieldProblem[] {
  return Object.entries(rules).flatMap(([field, ofField]) => {
    const code = ofField.map((rule) => rule(values[field] ?? '')).find((found) => found !== null)
    return code ? [{ field, code, detail: '' }] : []
  })
}
