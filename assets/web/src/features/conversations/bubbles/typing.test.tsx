import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hearTyping, useTyping } from './typing'

const Shown = () => useTyping('c').map((one) => one.name).join(', ')
let box: HTMLElement
let close: () => void
beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)
  box = document.createElement('div')
  const root = createRoot(box)
  act(() => root.render(createElement(Shown)))
  close = () => act(() => root.unmount())
})
afterEach(() => {
  close()
  act(() => vi.advanceTimersByTime(60_000))
  vi.useRealTimers()
  vi.unstubAllGlobals()
})
const hear = (data: object, type = 'typing') => act(() => hearTyping({ type, data: { conversationId: 'c', ...data } }))
const soon = (ms: number) => new Date(Date.now() + ms).toISOString()

test('dots stand while somebody writes, and go when they stop, when time is up, and when their words are there', () => {
  hear({ contactId: 'x', name: 'Ana', isTyping: true, until: soon(10_000) })
  expect(box.textContent).toBe('Ana')
  hear({ contactId: 'x', name: 'Ana', isTyping: false })
  expect(box.textContent).toBe('')

  hear({ contactId: 'x', name: 'Ana', isTyping: true, until: soon(5_000) })
  hear({ userId: 'u', name: 'Rui', isTyping: true, until: soon(9_000) })
  expect(box.textContent).toBe('Ana, Rui')
  act(() => vi.advanceTimersByTime(6_000))
  expect(box.textContent).toBe('Rui')
  act(() => vi.advanceTimersByTime(6_000))
  expect(box.textContent).toBe('')

  hear({ contactId: 'x', name: 'Ana', isTyping: true, until: soon(5_000) })
  hear({ userId: 'u', name: 'Rui', isTyping: true, until: soon(9_000) })
  hear({ message: { conversationId: 'c' } }, 'message.received')
  expect(box.textContent).toBe('Rui')
})

test('dots never stand for longer than half a minute, whatever a clock that is wrong says', () => {
  hear({ contactId: 'x', name: 'Ana', isTyping: true, until: soon(86_400_000) })
  act(() => vi.advanceTimersByTime(31_000))
  expect(box.textContent).toBe('')
})
