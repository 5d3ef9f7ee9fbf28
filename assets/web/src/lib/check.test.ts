import { expect, test } from 'vitest'
import { atLeast, atMost, check, digits, email, phone, required, webAddress, type Rule } from './check'

test.each<[string, Rule, string, string | null]>([
  ['required', required, '', 'required'],
  ['required', required, '   ', 'required'],
  ['required', required, 'a', null],
  ['atLeast', atLeast(8), 'seven77', 'too_short'],
  ['atLeast', atLeast(8), ' eight 8', null],
  ['atLeast', atLeast(2), '😀', 'too_short'],
  ['atLeast', atLeast(8), '', null],
  ['atMost', atMost(3), 'abcd', 'too_long'],
  ['atMost', atMost(3), ' abc ', null],
  ['atMost', atMost(2), '😀😀', null],
  ['email', email, 'ana@example.com', null],
  ['email', email, ' ana@example.com ', null],
  ['email', email, '', null],
  ['email', email, 'ana', 'format'],
  ['email', email, 'ana@', 'format'],
  ['email', email, '@example.com', 'format'],
  ['email', email, 'ana@example..com', 'format'],
  ['email', email, 'ana@.example.com', 'format'],
  ['email', email, 'ana@example.com.', 'format'],
  ['email', email, 'ana lima@example.com', 'format'],
  ['email', email, 'ana@ex@ample.com', 'format'],
  ['email', email, `${'a'.repeat(65)}@example.com`, 'format'],
  ['digits', digits, '0123', null],
  ['digits', digits, '12a', 'format'],
  ['phone', phone, '+55 (11) 96123-4567', null],
  ['phone', phone, '06 39 98 00 01', null],
  ['phone', phone, '12', 'format'],
  ['phone', phone, 'call me', 'format'],
  ['webAddress', webAddress, 'https://graph.example.com', null],
  ['webAddress', webAddress, 'graph.example.com', 'format'],
  ['webAddress', webAddress, '', null],
])('%s: %j', (_, rule, text, expected) => expect(rule(text)).toBe(expected))

test('each field tells its first problem; what is left out counts as empty', () => {
  const rules = { name: [required, atMost(3)], email: [required, email], extension: [digits] }
  expect(check({ name: 'Anabela', extension: '12' }, rules)).toEqual([
    { field: 'name', code: 'too_long', detail: '' },
    { field: 'email', code: 'required', detail: '' },
  ])
  expect(check({ name: 'Ana', email: 'ana@example.com' }, rules)).toEqual([])
})
