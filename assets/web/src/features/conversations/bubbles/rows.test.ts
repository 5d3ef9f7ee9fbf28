import { expect, test } from 'vitest'
import type { Message } from '@/api/types'
import type { Item } from '../thread'
import { blocksOf, follows, rowsOf } from './rows'

const item = (key: string, extra: Partial<Message> = {}): Item => ({ key, at: '2026-11-22T10:00:00Z', message: { id: key, direction: 'INBOUND', type: 'TEXT', content: '', isPrivate: false, isBot: false, ...extra } as Message })
const picture = (key: string, extra: Partial<Message> = {}) => item(key, { type: 'IMAGE', album: 'a', media: { state: 'READY', isVoice: false, isAnimated: false }, ...extra })

test('neighbouring pictures of one album share a row; one with words, one taken back and one of another album do not', () => {
  const rows = rowsOf([picture('1'), picture('2'), picture('3', { content: 'look' }), picture('4'), picture('5', { album: 'b' }), picture('6', { album: 'b', revokedAt: '2026-11-22T10:00:00Z' }), item('7')])
  expect(rows.map((row) => row.items.map((one) => one.key).join(''))).toEqual(['12', '3', '4', '5', '6', '7'])
})

test('pictures sent in one go stand together from three on, and never over the sender or a minute', () => {
  const loose = (key: string, at: string, extra: Partial<Message> = {}) => ({ ...picture(key, { album: null, ...extra }), at: `2026-11-22T10:${at}Z` }) as Item
  const shape = (items: Item[]) => rowsOf(items).map((row) => row.items.length)
  expect(shape([loose('1', '00:00'), loose('2', '00:01')])).toEqual([1, 1])
  expect(shape([loose('1', '00:00'), loose('2', '00:01'), loose('3', '00:50')])).toEqual([3])
  expect(shape([loose('1', '00:00'), loose('2', '00:01'), loose('3', '02:00'), loose('4', '02:01')])).toEqual([1, 1, 1, 1])
  expect(shape([loose('1', '00:00'), loose('2', '00:01'), loose('3', '00:02', { direction: 'OUTBOUND' })])).toEqual([1, 1, 1])
})

test('a row keeps its key while its album grows, and blocks stay as they are whatever comes before or after', () => {
  expect(rowsOf([picture('1'), picture('2')])[0]?.key).toBe(rowsOf([picture('1')])[0]?.key)
  const all = Array.from({ length: 2_000 }, (_, index) => item(`0190-${(index * 7_919).toString(16)}`))
  const keys = (items: Item[]) => blocksOf(rowsOf(items)).map((block) => block.map((row) => row.key).join())
  const whole = keys(all)
  expect(whole.length).toBeGreaterThan(20)
  expect(whole.join()).toBe(all.map((one) => one.key).join())
  // All but the blocks at both ends of a part are those of the whole.
  const part = keys(all.slice(300, 1_700))
  expect(part.slice(1, -1).every((block) => whole.includes(block))).toBe(true)
})

test('one voice stands together, others apart: members of a group, notes, bots and notices', () => {
  const [ana, rui] = [{ address: '+33639980001' }, { address: '+33639980002' }]
  expect(follows(item('1', { author: ana }), item('2', { author: ana }), 'me')).toBe(true)
  expect(follows(item('1', { author: ana }), item('2', { author: rui }), 'me')).toBe(false)
  expect(follows(item('1'), { ...item('2'), at: '2026-11-22T11:00:00Z' }, 'me')).toBe(false)
  expect(follows(item('1', { direction: 'OUTBOUND', senderId: 'me' }), { key: 'p', at: '2026-11-22T10:00:01Z', pending: { isPrivate: false } as never }, 'me')).toBe(true)
  expect(follows(item('1', { direction: 'OUTBOUND', isPrivate: true, senderId: 'me' }), item('2', { direction: 'OUTBOUND', senderId: 'me' }), 'me')).toBe(false)
  expect(follows(item('1', { type: 'SYSTEM' }), item('2', { type: 'SYSTEM' }), 'me')).toBe(false)
})
