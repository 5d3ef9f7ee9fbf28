import { QueryClientProvider } from '@tanstack/react-query'
import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, expect, test, vi } from 'vitest'
import { auth } from '@/api/calls'
import { cache } from '@/api/cache'
import { queryClient } from '@/app/query'
import { begin, goOver, session } from '@/app/session'
import { socket } from '@/app/socket'
import { useDirectory } from './directory'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const person = (companyId: string) => ({ id: 'u', companyId, tenant: { id: companyId, language: 'en' }, permissions: { '*': 'tenant' } }) as never

function Directory() {
  useDirectory()
  return null
}

test('names of one firm that arrive in the next are dropped', async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  vi.spyOn(socket, 'open').mockImplementation(() => {})
  vi.spyOn(auth, 'me').mockResolvedValue(person('first'))
  await begin({ token: 'one', user: person('first') } as never)
  const arrivals: (() => void)[] = []
  const rows = Response.json({ items: [{ id: 'x', rev: 1, name: 'Of the first firm' }], nextCursor: null })
  vi.spyOn(globalThis, 'fetch').mockImplementation(() => new Promise((done) => arrivals.push(() => done(rows.clone()))))
  const root = createRoot(document.createElement('div'))
  act(() => root.render(createElement(QueryClientProvider, { client: queryClient }, createElement(Directory))))
  await vi.waitFor(() => expect(arrivals).toHaveLength(3))

  vi.spyOn(auth, 'goOver').mockResolvedValue({ token: 'two', user: person('second') } as never)
  vi.spyOn(auth, 'me').mockResolvedValue(person('second'))
  await act(async () => {
    root.unmount()
    await goOver('second')
    for (const arrive of arrivals) arrive()
    await new Promise((done) => setTimeout(done, 0))
  })
  expect(session.get().status).toBe('in')
  expect([cache.all('user'), cache.all('queue'), cache.all('channel')]).toEqual([[], [], []])
})
