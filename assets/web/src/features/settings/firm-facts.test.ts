import { expect, test } from 'vitest'
import { knownZone, namedCodes, protocolExample } from './firm-facts'

test('a protocol number is the firm’s own time', () => {
  const at = new Date('2026-11-22T23:05:09Z')
  expect(protocolExample('yyyyddMMHHmmss', at, 'Europe/Paris')).toBe('20262311000509')
  expect(protocolExample('yyyyMMddHHmmss', at, 'America/Sao_Paulo')).toBe('20261122200509')
})

test('the present code can be kept though the list has it not', () => {
  expect(namedCodes(['FR'], 'JP', 'region', 'en').map((one) => one.value)).toEqual(['FR', 'JP'])
  expect(namedCodes(['EUR'], 'EUR', 'currency', 'en')).toEqual([{ value: 'EUR', label: 'Euro (EUR)' }])
  expect(namedCodes(['FR'], 'not a code', 'region', 'en').at(-1)?.label).toBe('not a code')
})

test.each([
  ['Europe/Paris', null],
  ['UTC', null],
  [' America/Sao_Paulo ', null],
  ['Paris', 'unknown'],
  ['', null],
])('zone %s: %s', (zone, expected) => expect(knownZone(zone)).toBe(expected))
