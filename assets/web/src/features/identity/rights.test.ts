import { expect, test } from 'vitest'
import { beyond, covers, givable } from './rights'

test('nobody gives more than they hold', () => {
  expect(covers({ 'conversation.read': 'queue' }, { 'conversation.read': 'own' })).toBe(true)
  expect(covers({ 'conversation.read': 'queue' }, { 'conversation.read': 'tenant' })).toBe(false)
  expect(covers({ 'conversation.read': 'tenant' }, { 'user.manage': 'tenant' })).toBe(false)
  expect(covers({ '*': 'tenant' }, { 'user.manage': 'tenant' })).toBe(true)
  expect(covers({}, {})).toBe(true)
})

test('what a role adds is what its base has not, or has less of', () => {
  expect(beyond({ a: 'tenant', b: 'own', c: 'own', d: 'own' }, { a: 'queue', b: 'own', c: 'tenant' })).toEqual({ a: 'tenant', d: 'own' })
})

test('a permission is given no further than it reaches, than its giver holds it, and not below the base', () => {
  const read = { name: 'conversation.read', reaches: ['own', 'queue', 'tenant'] as const }
  const whole = { name: 'channel.manage', reaches: ['tenant'] as const }
  const give = (permission: typeof read | typeof whole, ...rest: [Parameters<typeof givable>[1], Parameters<typeof givable>[2]]) => givable({ ...permission, reaches: [...permission.reaches] }, ...rest)
  expect(give(read, undefined, { 'conversation.read': 'tenant' })).toEqual(['own', 'queue', 'tenant'])
  expect(give(read, 'queue', { 'conversation.read': 'queue' })).toEqual(['queue'])
  expect(give(read, undefined, {})).toEqual([])
  expect(give(whole, undefined, { '*': 'tenant' })).toEqual(['tenant'])
  expect(give(whole, undefined, { 'channel.manage': 'queue' })).toEqual([])
})
