import { expect, test } from 'vitest'
import { dialled } from './dialled'

test.each([
  ['+33 6 39 98 00 01', '+33639980001'],
  ['0033 (6) 39-98.00/01', '+33639980001'],
  ['351912345678', '+351912345678'],
  ['  +1 555 078 3881 ', '+15550783881'],
])('%s is a number', (text, number) => expect(dialled(text)).toBe(number))

test.each(['', 'Ana', '+33', '12345', '33 6 39 ana', '+1234567890123456', 'ana@example.com'])('%s is none', (text) => expect(dialled(text)).toBeNull())
