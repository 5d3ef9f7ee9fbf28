import { expect, test } from 'vitest'
import type { User } from '@/api/types'
import { changesOf, formOf, problemsOf, wholeOf } from './person'

const user = { id: 'u', rev: 1, name: 'Rui Alves', email: 'rui@example.com', role: 'AGENT', queueIds: ['a'], extension: '2001', phone: null, maxTickets: 5, isActive: true } as User

test('only what was touched is sent', () => {
  expect(changesOf(user, formOf(user))).toEqual({})
  expect(changesOf(user, { ...formOf(user), name: ' Rui A. ', queueIds: ['a', 'b'] })).toEqual({ name: 'Rui A.', queueIds: ['a', 'b'] })
})

test('an emptied field clears, an emptied limit is none', () => {
  expect(changesOf(user, { ...formOf(user), extension: ' ', maxTickets: '' })).toEqual({ extension: null, maxTickets: 0 })
})

test('a new password goes out as typed', () => {
  expect(changesOf(user, { ...formOf(user), password: ' with spaces ' })).toEqual({ password: ' with spaces ' })
})

test('a new colleague starts active, as an agent', () => {
  expect(wholeOf({ ...formOf(null), name: 'Ana', email: 'ana@example.com', password: 'p' })).toMatchObject({ role: 'AGENT', maxTickets: 0, phone: null })
})

test('what is wrong is known before asking; only a new colleague needs a password', () => {
  const told = (problems: { field: string; code: string }[]) => problems.map((one) => `${one.field} ${one.code}`)
  expect(problemsOf(formOf(user), false)).toEqual([])
  expect(told(problemsOf({ ...formOf(user), password: 'short' }, false))).toEqual(['password too_short'])
  expect(told(problemsOf(formOf(null), true))).toEqual(['name required', 'email required', 'password required'])
  expect(told(problemsOf({ ...formOf(user), email: 'rui', phone: 'none', extension: '1'.repeat(21) }, false))).toEqual(['email format', 'extension too_long', 'phone format'])
})
