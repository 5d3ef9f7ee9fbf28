import { expect, test } from 'vitest'
import { ALL, asked, isNarrowed } from './filters'

test('what is not chosen is not asked', () => {
  expect(isNarrowed(ALL)).toBe(false)
  expect(asked(ALL, 0)).toEqual({})
})

test('a span begins with a day', () => {
  const now = Date.parse('2026-11-22T18:40:00Z')
  expect(asked({ ...ALL, direction: 'INBOUND', days: '7' }, now)).toEqual({ direction: 'INBOUND', from: '2026-11-15T00:00:00.000Z' })
  expect(isNarrowed({ ...ALL, days: '7' })).toBe(true)
})
