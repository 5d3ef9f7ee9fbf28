import { expect, test } from 'vitest'
import { barsOf, clockWords, loudness, troubleOf } from './recorder'

test('silence is nothing, a full tone is everything', () => {
  expect(loudness(new Float32Array(64))).toBe(0)
  expect(loudness(new Float32Array(64).fill(0.9))).toBe(1)
  const speech = loudness(new Float32Array(64).fill(0.03))
  expect(speech).toBeGreaterThan(0.3)
  expect(speech).toBeLessThan(0.7)
})
test('bars keep the loudest of their part', () => {
  expect(barsOf([0, 0.2, 0.9, 0.1], 2)).toEqual([0.2, 0.9])
  expect(barsOf([0.5], 3)).toEqual([0.5, 0.5, 0.5])
  expect(barsOf([], 2)).toEqual([0, 0])
})
test('the clock counts on past the hour in minutes', () => expect([0, 5_400, 65_000, 3_725_000].map(clockWords)).toEqual(['0:00', '0:05', '1:05', '62:05']))
test('tells why nothing was recorded', () => {
  const of = (name: string) => troubleOf(new DOMException('', name))
  expect([of('NotAllowedError'), of('NotFoundError'), of('NotReadableError'), troubleOf(new TypeError('no'))]).toEqual(['refused', 'none', 'busy', 'failed'])
})
