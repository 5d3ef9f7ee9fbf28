import { parsePhoneNumberFromString as parse } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/examples.mobile.json'
import { expect, test } from 'vitest'
import { phoneWords } from './phone'

test.each([
  ['+33639980001', '+33 6 39 98 00 01'],
  ['+351912345678', '+351 912 345 678'],
  ['+5511961234567', '+55 11 96123 4567'],
  ['+12025550123', '+1 202 555 0123'],
  ['+441632960001', '+44 1632 960001'],
  ['+33•••••••01', '+33•••••••01'],
  ['ana@example.com', 'ana@example.com'],
  ['0639980001', '0639980001'],
  ['', ''],
])('%s', (stored, shown) => {
  expect(phoneWords(stored)).toBe(shown)
})

test('every country’s numbers are grouped as the library we took the groups from does it', () => {
  const different: string[] = []
  for (const [country, national] of Object.entries(examples)) {
    const number = parse(national, country as 'FR')
    if (number && phoneWords(number.number) !== number.formatInternational()) different.push(`${country} ${number.formatInternational()} ${phoneWords(number.number)}`)
  }
  expect(different).toEqual([])
})
