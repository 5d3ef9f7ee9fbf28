import { expect, test } from 'vitest'
import { initials, ownPicture } from './avatar'

test.each([
  ['/media/ana.jpg', `${location.origin}/media/ana.jpg`],
  [`${location.origin}/media/ana.jpg`, `${location.origin}/media/ana.jpg`],
  ['https://pictures.example.com/ana.jpg', null],
  ['//pictures.example.com/ana.jpg', null],
  ['javascript:alert(1)', null],
  ['data:image/png;base64,AAAA', null],
  ['https://', null],
  ['', null],
  [null, null],
])('%s is fetched as %s', (src, expected) => expect(ownPicture(src)).toBe(expected))

test.each([
  ['Ana Lima', 'AL'],
  ['ana maria de lima', 'AL'],
  ['Ana', 'A'],
  ['+33 6 39 98 00 01', '01'],
  ['😀', '?'],
])('%s is shortened to %s', (name, expected) => expect(initials(name)).toBe(expected))
