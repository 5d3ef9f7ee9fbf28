import { expect, test } from 'vitest'
import type { Contact } from '@/api/types'
import { changesOf, formOf, problemsOf } from './contact'

const contact = { id: 'c', name: 'Ana Lima', phoneNumber: '+33639980001', email: null } as Contact

test('only what was touched is sent, and an emptied address is taken away', () => {
  expect(changesOf(contact, formOf(contact))).toEqual({})
  expect(changesOf(contact, { ...formOf(contact), name: ' Ana L. ', email: 'ana@example.com ' })).toEqual({ name: 'Ana L.', email: 'ana@example.com' })
  expect(changesOf(contact, { ...formOf(contact), phoneNumber: ' ' })).toEqual({ phoneNumber: null })
})

test('what is wrong is known before asking', () => {
  expect(problemsOf(formOf(contact))).toEqual([])
  expect(problemsOf({ name: ' ', phoneNumber: 'mobile', email: 'ana' }).map((one) => `${one.field} ${one.code}`)).toEqual(['name required', 'phoneNumber format', 'email format'])
})
