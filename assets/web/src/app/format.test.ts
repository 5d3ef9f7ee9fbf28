import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { formatFor, withRegion } from './format'

// Blanks that don't break look like others here, and differ between versions of the language data.
const plain = (words: string) => words.replace(/[\u00a0\u202f]/g, ' ')
const brazil = () => formatFor('pt-BR', 'America/Sao_Paulo')

beforeEach(() => vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z') }))
afterEach(() => vi.useRealTimers())

test.each([
  ['pt-BR', 'America/Sao_Paulo', '23:30'],
  ['fr', 'Europe/Paris', '03:30'],
  ['en-US', 'America/New_York', '09:30 PM'],
])('time in %s is the firm’s, in %s', (locale, zone, expected) => expect(plain(formatFor(locale, zone).time('2026-11-22T02:30:00Z'))).toBe(expected))

test('days begin where the firm is, not in Greenwich', () => {
  expect(brazil().sameDay('2026-11-22T02:59:59Z', '2026-11-22T03:00:00Z')).toBe(false)
  expect(brazil().sameDay('2026-11-22T03:00:00Z', '2026-11-23T02:59:59Z')).toBe(true)
  expect(formatFor('en-GB', 'UTC').sameDay('2026-11-22T02:59:59Z', '2026-11-22T03:00:00Z')).toBe(true)
})

test('a day with 23 hours is one day still', () => {
  vi.setSystemTime(new Date('2026-03-29T12:00:00Z'))
  expect(formatFor('en-GB', 'Europe/Paris').dayName('2026-03-28T23:30:00Z')).toBe('Today')
  expect(formatFor('en-GB', 'Europe/Paris').dayName('2026-03-28T22:30:00Z')).toBe('Yesterday')
})

test.each([
  ['2026-11-22T03:00:00Z', '00:00', '00:00', 'Hoje'],
  ['2026-11-22T02:59:00Z', 'sáb.', '21 de nov., 23:59', 'Ontem'],
  ['2026-11-18T15:00:00Z', 'qua.', '18 de nov., 12:00', 'Quarta-feira, 18 de novembro'],
  ['2026-11-01T15:00:00Z', '1 de nov.', '1 de nov., 12:00', 'Domingo, 1 de novembro'],
  ['2025-06-10T15:00:00Z', '10/06/25', '10/06/2025, 12:00', '10 de junho de 2025'],
])('%s in a list, with its hour, and over a day', (at, brief, stamp, day) => {
  expect([plain(brazil().brief(at)), plain(brazil().stamp(at)), plain(brazil().dayName(at))]).toEqual([brief, stamp, day])
})

test.each([
  [-20, '20 sec. ago'],
  [90, 'in 2 min.'],
  [-3_600, '1 hr. ago'],
  [7_200, 'in 2 hr.'],
  [-86_400, 'yesterday'],
  [172_800, 'in 2 days'],
])('%d seconds from now', (seconds, expected) => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  expect(formatFor('en-US', 'UTC').relative(new Date(now + seconds * 1000).toISOString(), now)).toBe(expected)
})

test.each([
  ['en', 'FR', 'en-FR'],
  ['en', 'BR', 'en-GB'],
  ['en', 'US', 'en-US'],
  ['fr', 'BR', 'fr-BR'],
  ['es', 'MX', 'es-MX'],
  ['pt-BR', 'FR', 'pt-BR'],
  ['en', undefined, 'en'],
  ['en', 'Brazil', 'en'],
])('%s in %s is written as %s', (locale, country, expected) => expect(withRegion(locale, country)).toBe(expected))

test.each([
  ['pt-BR', '1234.5', 'BRL', 'R$ 1.234,50'],
  ['fr', '1234.5', 'EUR', '1 234,50 €'],
  ['en-US', '-0.05', 'USD', '-$0.05'],
  ['en-GB', '1500', 'XOF', 'F CFA 1,500'],
  ['pt-BR', '12345678901234567890.12', 'BRL', 'R$ 12.345.678.901.234.567.890,12'],
  ['en-GB', '0.1', 'GBP', '£0.10'],
  ['en-GB', 'much', 'GBP', 'much GBP'],
  ['en-GB', '1e3', 'GBP', '1e3 GBP'],
  ['en-GB', '5', 'pounds', '5 pounds'],
])('in %s, %s %s is %s', (locale, amount, currency, expected) => expect(plain(formatFor(locale, 'UTC').money(amount, currency))).toBe(expected))
