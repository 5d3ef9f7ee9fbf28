import { beforeEach, expect, test, vi } from 'vitest'
import { socket } from '@/app/socket'
import { isTyping, stopTyping } from './typing'

const sent = vi.spyOn(socket, 'send').mockImplementation(() => undefined)
const words = () => sent.mock.calls.map(([frame]) => `${String(frame.conversationId)} ${String(frame.isTyping)}`)

beforeEach(() => {
  vi.useFakeTimers()
  stopTyping()
  sent.mockClear()
})

test('is said once every few seconds, not at every key', () => {
  for (let key = 0; key < 10; key++) {
    isTyping('a')
    vi.advanceTimersByTime(500)
  }
  expect(words()).toEqual(['a true', 'a true'])
})
test('ends once', () => {
  isTyping('a')
  stopTyping()
  stopTyping()
  expect(words()).toEqual(['a true', 'a false'])
})
test('moves on with the person', () => {
  isTyping('a')
  isTyping('b')
  expect(words()).toEqual(['a true', 'a false', 'b true'])
})
