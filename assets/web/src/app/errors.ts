import { known, t, wordsFor } from './i18n'
import { ApiError } from '@/api/client'
import type { FieldProblem } from '@/api/types'

/** What to tell a person about a failed call: from its code, never from its English detail. */
export function errorWords(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.unknown')
  if (error.status === 429 && error.retryAfter) return t('error.quota.wait', { seconds: error.retryAfter })
  return wordsFor('error', error.code, error.status >= 500 ? 'error.internal' : 'error.unknown')
}

/** Words for the problem of one field of a form, or undefined when it has none. */
export function fieldWords(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  const problem = error.fields.find((candidate) => candidate.field === field)
  if (!problem) return undefined
  const own = `field.${field}.${problem.code}`
  return known(own) ? t(own) : wordsFor('field', problem.code, 'field.invalid')
}

/** Is every problem of this error shown at one of these fields? Then the form needs no words of its own. */
export function shownAtFields(error: unknown, fields: readonly string[]): boolean {
  return error instanceof ApiError && error.fields.length > 0 && error.fields.every((problem) => fields.includes(problem.field))
}

/** Refuses a form before it is sent, in the shape of the server's refusals, so that its fields say what is wrong. */
export function demand(problems: FieldProblem[]): void {
  if (problems.length > 0) throw new ApiError({ status: 400, code: 'invalid', errors: problems })
}
