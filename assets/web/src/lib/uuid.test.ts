import { expect, test } from 'vitest'
import { uuidv7 } from './uuid'

test('ids are version 7, sort by time and never repeat', () => {
  const ids = Array.from({ length: 500 }, (_, i) => uuidv7(1_700_000_000_000 + i))
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})
