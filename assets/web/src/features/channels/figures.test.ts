import { expect, test } from 'vitest'
import { chartOf, percentWords, roundUp, tookWords, totalOf } from './figures'

const day = (date: string, came: number, out: number, failed = 0, uptimePercent: number | null = null) => ({ day: date, in: came, out, failed, uptimePercent, medianDeliveryMs: null })

test.each([
  [1, 1],
  [3, 5],
  [10, 10],
  [11, 20],
  [499, 500],
  [501, 1000],
])('above %i a chart ends at %i', (value, top) => expect(roundUp(value)).toBe(top))

test('the busiest day reaches towards the top, and failures stand on what went out', () => {
  expect(chartOf([day('2026-11-21', 20, 40, 5), day('2026-11-22', 0, 0)])).toEqual({ top: 50, bars: [{ day: '2026-11-21', in: 0.4, out: 0.8, failed: 0.1 }, { day: '2026-11-22', in: 0, out: 0, failed: 0 }] })
  expect(chartOf([]).top).toBe(1)
})

test('totals add up, and days nobody measured don’t count as down', () => {
  expect(totalOf([day('a', 1, 2, 1, 50), day('b', 3, 4), day('c', 0, 0, 0, 100)])).toEqual({ in: 4, out: 6, failed: 1, uptimePercent: 75 })
  expect(totalOf([]).uptimePercent).toBeNull()
})

test('figures are never better in words than in truth', () => {
  expect(percentWords(99.999, 'en')).toBe('99.99%')
  expect(percentWords(100, 'en')).toBe('100%')
  expect(percentWords(97.25, 'fr')).toMatch(/^97,3/)
  expect(tookWords(850, 'en')).toBe('850 ms')
  expect(tookWords(1_440, 'en')).toBe('1.4 sec')
})
