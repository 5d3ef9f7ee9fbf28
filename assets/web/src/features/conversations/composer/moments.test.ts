import { expect, test } from 'vitest'
import { momentOf, shortcuts, wallAt, zoneWords } from './moments'

test.each([
  ['2026-11-22', '14:05', 'Europe/Paris', '2026-11-22T13:05:00.000Z'],
  ['2026-07-01', '09:00', 'Europe/Paris', '2026-07-01T07:00:00.000Z'],
  ['2026-07-01', '09:00', 'America/Sao_Paulo', '2026-07-01T12:00:00.000Z'],
  ['2026-01-01', '00:30', 'Asia/Kolkata', '2025-12-31T19:00:00.000Z'],
  ['2026-01-01', '00:00', 'UTC', '2026-01-01T00:00:00.000Z'],
])('%s %s in %s is %s', (date, time, zone, instant) => {
  expect(momentOf({ date, time }, zone)?.toISOString()).toBe(instant)
  expect(wallAt(new Date(instant), zone)).toEqual({ date, time })
})

test('an hour that the clocks leave out lies after the change', () => {
  // On 29 March 2026 clocks in Paris go from 02:00 to 03:00.
  expect(momentOf({ date: '2026-03-29', time: '02:30' }, 'Europe/Paris')?.toISOString()).toBe('2026-03-29T01:30:00.000Z')
})
test('of an hour that comes twice the first is meant', () => {
  // On 25 October 2026 clocks in Paris go from 03:00 back to 02:00.
  expect(momentOf({ date: '2026-10-25', time: '02:30' }, 'Europe/Paris')?.toISOString()).toBe('2026-10-25T00:30:00.000Z')
})
test('what is no date is no moment', () => expect(momentOf({ date: '', time: '10:00' }, 'UTC')).toBeNull())

test('offers what is still to come, by the clocks of the firm', () => {
  // Sunday afternoon in Paris.
  const sunday = shortcuts(new Date('2026-11-22T13:05:00Z'), 'Europe/Paris')
  expect(sunday).toEqual([
    { id: 'hour', wall: { date: '2026-11-22', time: '15:05' } },
    { id: 'evening', wall: { date: '2026-11-22', time: '18:00' } },
    { id: 'tomorrow', wall: { date: '2026-11-23', time: '09:00' } },
  ])
  const late = shortcuts(new Date('2026-11-24T18:30:00Z'), 'Europe/Paris')
  expect(late.map(({ id }) => id)).toEqual(['hour', 'tomorrow', 'monday'])
  expect(late.at(-1)!.wall).toEqual({ date: '2026-11-30', time: '09:00' })
})

test('names the zone and its distance', () => expect(zoneWords('America/Sao_Paulo', new Date('2026-11-22T12:00:00Z'), 'en')).toBe('America/Sao Paulo (GMT-3)'))
