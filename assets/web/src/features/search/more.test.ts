import { expect, test } from 'vitest'
import { joined } from './more'

const id = (one: { id: string }) => one.id
const rows = (...ids: string[]) => ids.map((one) => ({ id: one }))

test.each([
  ['nothing more', rows('a', 'b'), [], 'a b'],
  ['pages begin where the search did', rows('a', 'b'), [rows('a', 'b', 'c'), rows('d')], 'a b c d'],
  ['what moved between two pages stands once', rows('a'), [rows('b', 'c'), rows('c', 'd')], 'a b c d'],
])('%s', (_, first, pages, expected) => expect(joined(first, pages, id).map(id).join(' ')).toBe(expected))
