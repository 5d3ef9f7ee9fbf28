import { afterEach, expect, test, vi } from 'vitest'
import { users } from './calls'

afterEach(() => vi.restoreAllMocks())

test('a list longer than a page is read to its end', async () => {
  const pages: Record<string, unknown> = {
    '': { items: [{ id: 'a' }, { id: 'b' }], nextCursor: 'after b' },
    'after b': { items: [{ id: 'c' }], nextCursor: null },
  }
  const asked: string[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation((address) => {
    const url = new URL(String(address), 'https://farol.example.com')
    asked.push(`${url.pathname}?limit=${url.searchParams.get('limit')}`)
    return Promise.resolve(Response.json(pages[url.searchParams.get('cursor') ?? '']))
  })
  expect((await users.all()).map((user) => user.id)).toEqual(['a', 'b', 'c'])
  expect(asked).toEqual(['/api/v1/users?limit=200', '/api/v1/users?limit=200'])
})
