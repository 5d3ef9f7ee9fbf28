import { expect, it } from 'vitest'
import type { Contact } from '@/api/types'
import { compare } from './merging'

const contact = (facts: Partial<Contact>) => ({ name: '', identities: [], ...facts }) as Contact

it('compares what at least one of two contacts says', () => {
  const one = contact({ name: 'Ana Lima', email: 'ana@example.com' })
  const other = contact({ name: 'Aninha', email: 'ana@example.com', phoneNumber: '+33639980001' })
  expect(compare(one, other).map(({ field, isSame }) => [field, isSame])).toEqual([['name', false], ['phone', false], ['email', true]])
})
