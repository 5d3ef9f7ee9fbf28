import { expect, test } from 'vitest'
import type { Message } from '@/api/types'
import { joinNotes } from './notes'

const note = (id: string, rev = 1, extra: Partial<Message> = {}) => ({ id, rev, createdAt: id, arrival: 0, isPrivate: true, content: `${id}.${rev}`, ...extra }) as Message
const shown = (notes: Message[]) => notes.map((one) => one.content)

test('notes older than the loaded thread stand beside those of the thread, once, newest first', () => {
  expect(shown(joinNotes([note('1'), note('2')], [note('2'), note('3')]))).toEqual(['3.1', '2.1', '1.1'])
})

test('messages to the customer are no notes', () => {
  expect(joinNotes([], [note('1', 1, { isPrivate: false })])).toEqual([])
})

test('of two copies the newer one is shown, wherever it came from', () => {
  expect(shown(joinNotes([note('1', 4), note('2', 1)], [note('1', 3), note('2', 2)]))).toEqual(['2.2', '1.4'])
})

test('notes of one moment stand as they arrived', () => {
  expect(shown(joinNotes([note('1', 1, { arrival: 7 }), note('1b', 1, { arrival: 8, createdAt: '1' })], []))).toEqual(['1b.1', '1.1'])
})
