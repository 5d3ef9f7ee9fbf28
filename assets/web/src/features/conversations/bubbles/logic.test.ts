import { expect, test } from 'vitest'
import { emojiOnly, sameEmoji } from './emoji'
import { lineTotal, totals } from './money'
import { groups, oursOf, withOurs } from './reactions'
import { resampled } from './Sound'
import { moved, WHOLE, zoomed } from './zoom'
import { lengthWords, roomFor } from './size'

test.each([
  ['👍', 1],
  [' ❤️ ', 1],
  ['❤', 1],
  ['👩‍🔧🚗', 2],
  ['👨‍👩‍👧‍👦 🇵🇹 👍🏽', 3],
  ['1️⃣', 1],
  ['😀😀😀😀😀😀', 6],
  ['😀😀😀😀😀😀😀', 0],
  ['ok 👍', 0],
  ['5', 0],
  ['#', 0],
  ['', 0],
])('%j is %i emoji and nothing else', (text, count) => expect(emojiOnly(text)).toBe(count))

test('one emoji is one, with and without its colour sign', () => {
  expect(sameEmoji('❤️', '❤')).toBe(true)
  expect(sameEmoji('❤️', '👍')).toBe(false)
})

test('reactions stand by emoji, the most people first, and the firm has one', () => {
  const at = (second: number) => `2026-11-22T10:00:0${second}Z`
  const given = [
    { by: 'u1', emoji: '👍', at: at(3) },
    { by: 'customer', emoji: '❤', at: at(1) },
    { by: 'member', member: '+33639980001', emoji: '❤️', at: at(2) },
    { by: 'customer', emoji: '', at: at(4) },
  ]
  expect(groups(given).map(({ emoji, reactions, isOurs }) => [emoji, reactions.length, isOurs])).toEqual([['❤', 2, false], ['👍', 1, true]])
  expect(groups(undefined)).toEqual([])
  expect(oursOf(given)).toBe('👍')
  // A colleague's takes the place of what one of us said before.
  const changed = withOurs(given, 'u2', '🙏', at(5))
  expect(changed.filter((one) => one.by.startsWith('u'))).toEqual([{ by: 'u2', emoji: '🙏', at: at(5) }])
  expect(oursOf(withOurs(changed, 'u1', '', at(6)))).toBeUndefined()
})

test('amounts are summed to the cent', () => {
  expect(lineTotal({ quantity: 3, price: '19.90' })).toBe('59.70')
  expect(lineTotal({ quantity: 1, price: 'cheap' })).toBeNull()
  expect(totals([{ quantity: 3, price: '0.10', currency: 'EUR' }, { quantity: 1, price: '2', currency: 'EUR' }])).toEqual([{ amount: '2.30', currency: 'EUR' }])
  expect(totals([{ quantity: 1, price: '1', currency: 'EUR' }, { quantity: 1, price: '1', currency: 'BRL' }])).toHaveLength(2)
  expect(totals([{ quantity: 1, price: '1', currency: 'EUR' }, { quantity: 1, currency: 'EUR' }])).toEqual([])
  expect(totals([{ quantity: 2, price: '-0.05', currency: 'EUR' }])).toEqual([{ amount: '-0.10', currency: 'EUR' }])
})

test.each([[0, '0:00'], [7_400, '0:07'], [750_000, '12:30'], [3_723_000, '1:02:03']])('%i ms lasts %s', (ms, words) => expect(lengthWords(ms)).toBe(words))

test('a picture has its room before it is there', () => {
  expect(roomFor(4000, 3000)).toEqual({ width: 320, height: 240 })
  expect(roomFor(1000, 9000)).toEqual({ width: 190, height: 380 })
  expect(roomFor(undefined, null)).toEqual({ width: 240, height: 240 })
  expect(roomFor(10, 10).width).toBeGreaterThanOrEqual(100)
})

test('what a picture is enlarged to stays in its window, and the point under the finger stays there', () => {
  const room = { width: 800, height: 600 }
  const near = zoomed(WHOLE, 2, 100, 50, room)
  expect(near).toEqual({ scale: 2, x: -100, y: -50 })
  expect(moved(near, 5_000, -5_000, room)).toEqual({ scale: 2, x: 400, y: -300 })
  expect(zoomed(near, 100, 0, 0, room).scale).toBe(6)
  expect(zoomed(near, 0.01, 70, 70, room)).toEqual(WHOLE)
})

test('loudness is drawn by as many bars as there is room for', () => {
  expect(resampled([], 44)).toEqual([])
  expect(resampled([0, 50, 100, 50], 2)).toEqual([0.5, 1])
  expect(resampled([10], 3)).toEqual([1, 1, 1])
  expect(resampled([0, 0], 2)).toEqual([0, 0])
})
