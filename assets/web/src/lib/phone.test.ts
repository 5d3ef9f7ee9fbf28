import { parsePhoneNumberFromString as parse } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/examples.mobile.json'
import { expect, test } from 'vitest'
import { phoneWords } from './phone'

test.each([
  ['+33639980001', '+33 6 39 98 00 01'],
  ['+351912345678', '+351 912 345 678'],
  ['+5511961234567', '+55 11 96123 4567'],
  // No area has the code 00.
  ['+5500900000175', '+55 00 90000 0175'],
  ['+12025550123', '+1 202 555 0123'],
  ['+441632960001', '+44 1632 960001'],
  ['+33•••••••01', '+33•••••••01'],
  ['ana@example.com', 'ana@example.com'],
  ['0639980001', '0639980001'],
  ['', ''],
])('%s', (stored, shown) => {
  expect(phoneWords(stored)).toBe(shown)
})

test('every country’s numbers are grouped as the library we took the groups from groups them', () => {
  const different: string[] = []
  for (const [country, national] of Object.entries(examples)) {
    const number = parse(national, country as 'FR')
    // Where it knows no group it leaves one long number; we take the nearest groups.
    const grouped = (number?.formatInternational().split(' ').length ?? 0) > 2
    if (number && grouped && phoneWords(number.number) !== number.formatInternational()) different.push(`${country} ${number.formatInternational()} ${phoneWords(number.number)}`)
  }
  expect(different).toEqual([])
})
