import { expect, test } from 'vitest'
import type { Setting } from '@/api/types'
import { editLevel, isOptional, kindOf, parsed, partOf, typed } from './values'

const setting = (levels: Setting['levels']) => ({ levels }) as Setting

test('a value is set at the firm where that is allowed, else for the whole box by who may', () => {
  expect(editLevel(setting(['global', 'tenant']), true, false)).toBe('tenant')
  expect(editLevel(setting(['global', 'tenant']), false, true)).toBeNull()
  expect(editLevel(setting(['global']), true, false)).toBeNull()
  expect(editLevel(setting(['global']), true, true)).toBe('global')
  expect(editLevel(setting(['channel']), true, true)).toBeNull()
})

test('what the server was started with is nobody’s to change', () => {
  expect(editLevel({ ...setting(['global', 'tenant']), fixedBy: 'environment' }, true, true)).toBeNull()
  expect(editLevel({ ...setting(['global', 'tenant']), fixedBy: null }, true, true)).toBe('tenant')
})

test.each([
  [0, 'number'],
  ['15m', 'text'],
  [true, 'flag'],
  [['GET'], 'lines'],
  [{ burst: 2 }, 'group'],
] as const)('%j is a %s', (value, kind) => expect(kindOf(value as never)).toBe(kind))

test('what is nothing by default is typed by its schema, and nothing again when it is emptied', () => {
  const schema = { type: 'object', properties: { mediaMaxBytes: { type: ['integer', 'null'] }, allowed: { type: ['array', 'null'], items: { type: 'string' } }, name: { type: 'string' } } }
  const size = partOf(schema, 'mediaMaxBytes')
  expect(kindOf(null, size)).toBe('number')
  expect(kindOf(null, partOf(schema, 'allowed'))).toBe('lines')
  expect([isOptional(size), isOptional(partOf(schema, 'name')), isOptional(undefined)]).toEqual([true, false, false])
  expect(parsed(' ', 'number', true)).toBeNull()
  expect(parsed('5000000', 'number', true)).toBe(5_000_000)
  expect(parsed('', 'lines', true)).toBeNull()
})

test('what is typed comes back as it was', () => {
  for (const value of [120, '24h', ['https://a.example.com', 'https://b.example.com']]) expect(parsed(typed(value), kindOf(value))).toEqual(value)
})

test('numbers are read with either decimal sign; other text is left to the server', () => {
  expect(parsed(' 2,5 ', 'number')).toBe(2.5)
  expect(parsed('soon', 'number')).toBe('soon')
  expect(parsed('a\n\n b ', 'lines')).toEqual(['a', 'b'])
})
