import { expect, test } from 'vitest'
import { EMOJI } from './emoji'

test('each sign stands once and can be looked for', () => {
  expect(new Set(EMOJI.map(({ sign }) => sign)).size).toBe(EMOJI.length)
  for (const { sign, words } of EMOJI) {
    expect(sign).toMatch(/\p{Extended_Pictographic}|\p{Regional_Indicator}/u)
    expect(words.length).toBeGreaterThan(1)
  }
})
