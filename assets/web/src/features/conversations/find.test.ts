import { expect, test } from 'vitest'
import { nextHit } from './find'

test.each<[string, Parameters<typeof nextHit>, number | 'more']>([
  ['to the older one', [0, 1, 3, false], 1],
  ['back to the newer one', [1, -1, 3, false], 0],
  ['beyond the last known one the server is asked', [2, 1, 3, true], 'more'],
  ['beyond the very last one it begins again', [2, 1, 3, false], 0],
  ['before the first one lies the last known one', [0, -1, 3, true], 2],
  ['a single hit stays', [0, 1, 1, false], 0],
])('%s', (_, given, expected) => expect(nextHit(...given)).toBe(expected))
