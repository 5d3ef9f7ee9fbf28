import { expect, test } from 'vitest'
import type { Role } from '@/api/types'
import { beyond, covers, permissionNames } from './rights'

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

test('permissions are offered once, in order, without those above firms', () => {
  const role = (permissions: Role['permissions']) => ({ permissions }) as Role
  expect(permissionNames([role({ 'user.read': 'own', 'platform.manage': 'tenant' }), role({ 'channel.read': 'tenant', 'user.read': 'tenant' })])).toEqual(['channel.read', 'user.read'])
})
