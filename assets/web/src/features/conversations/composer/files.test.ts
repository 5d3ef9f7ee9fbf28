import { expect, test } from 'vitest'
import { abilitiesOf } from './abilities'
import { kindOf, problemOf } from './files'

const MB = 1 << 20
const file = (type: string, size = MB, name = 'a') => ({ name, type, size })

test.each([
  ['image/jpeg', false, 'IMAGE'],
  ['image/svg+xml', false, 'DOCUMENT'],
  ['image/heic', false, 'DOCUMENT'],
  ['image/png', true, 'DOCUMENT'],
  ['video/mp4', false, 'VIDEO'],
  ['audio/ogg', false, 'AUDIO'],
  ['application/pdf', false, 'DOCUMENT'],
  ['', false, 'DOCUMENT'],
] as const)('%s (saved: %s) arrives as %s', (type, asDocument, kind) => expect(kindOf({ type }, asDocument)).toBe(kind))

test('names the limit of the kind before anything is sent', () => {
  const here = abilitiesOf({ can: ['IMAGE', 'AUDIO', 'DOCUMENT'], limits: { audioBytes: 16 * MB } })
  expect(problemOf(file('audio/ogg', 17 * MB), false, here)).toEqual({ code: 'tooLarge', max: 16 * MB })
  expect(problemOf(file('audio/ogg', 17 * MB), true, here)).toBeNull()
  expect(problemOf(file('video/mp4'), false, here)).toEqual({ code: 'notCarried' })
  expect(problemOf(file('image/png', 0), false, here)).toEqual({ code: 'empty' })
  expect(problemOf(file('image/png'), false, here)).toBeNull()
})

test("the firm's own rules for files hold as well, whichever is smaller", () => {
  const strict = abilitiesOf({ fileRules: { mediaMaxBytes: 2 * MB, documentMaxBytes: 900 * MB, allowed: ['image/*', 'application/pdf'] } })
  expect(problemOf(file('image/png', 3 * MB), false, strict)).toEqual({ code: 'tooLarge', max: 2 * MB })
  expect(problemOf(file('application/pdf', 101 * MB), false, strict)).toEqual({ code: 'tooLarge', max: 100 * MB })
  expect(problemOf(file('application/zip'), false, strict)).toEqual({ code: 'notAllowed' })
  expect(problemOf(file('application/pdf'), false, strict)).toBeNull()
})

test('a server that does not say carries words and files', () => {
  const { has } = abilitiesOf(undefined)
  expect([has('TEXT'), has('IMAGE'), has('POLL'), has('BUTTONS')]).toEqual([true, true, false, false])
})
