import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, useEffect, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { messages } from '@/api/calls'
import { useFind, type Find } from '@/features/conversations/find'
import { useDebounced } from './debounce'

let root: Root
const render = (element: ReactNode) => act(async () => root.render(element))
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  vi.useFakeTimers()
  root = createRoot(document.createElement('div'))
})
afterEach(async () => {
  await act(async () => root.unmount())
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function Rested({ value, tell }: { value: string; tell: (rested: string) => void }) {
  const rested = useDebounced(value, 200)
  useEffect(() => {
    tell(rested)
  })
  return null
}

test('a value counts once it has rested', async () => {
  const seen: string[] = []
  for (const value of ['', 'g', 'gu', 'gui']) {
    await render(<Rested value={value} tell={(now) => seen.push(now)} />)
    await pass(150)
  }
  expect(new Set(seen)).toEqual(new Set(['']))
  await pass(60)
  expect(seen.at(-1)).toBe('gui')
})

function Finder({ tell }: { tell: (find: Find) => void }) {
  const find = useFind('c', true)
  useEffect(() => {
    tell(find)
  })
  return null
}

test('a burst of typing makes one request, for what stands there at its end', async () => {
  const asked = vi.spyOn(messages, 'search').mockResolvedValue({ items: [], nextCursor: null })
  let find!: Find
  await render(<QueryClientProvider client={new QueryClient()}><Finder tell={(now) => (find = now)} /></QueryClientProvider>)
  for (const text of ['g', 'gu', 'gui', 'guin', 'guinc', 'guinch', 'guincho']) {
    await act(async () => find.setText(text))
    await pass(60)
  }
  await pass(1_000)
  expect(asked.mock.calls.map(([wanted]) => wanted.query)).toEqual(['guincho'])
})

test('one letter asks for nothing', async () => {
  const asked = vi.spyOn(messages, 'search').mockClear()
  let find!: Find
  await render(<QueryClientProvider client={new QueryClient()}><Finder tell={(now) => (find = now)} /></QueryClientProvider>)
  await act(async () => find.setText('g'))
  await pass(1_000)
  expect(asked).not.toHaveBeenCalled()
})
