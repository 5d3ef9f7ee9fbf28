import { expect, test } from 'vitest'
import type { Channel } from '@/api/types'
import { FILE_KINDS, kindsOf, limitProblems, limitsChange, limitsOf, rulesChange, rulesOf, rulesProblems, toggled } from './limits'

const channel = { limitsOwn: { perMinute: 30, perDay: null }, fileRules: { mediaMaxBytes: 16_777_216, documentMaxBytes: null, allowed: [...FILE_KINDS.pictures, 'application/x-odd'] } } as unknown as Channel

test('a limit is set, changed and taken away', () => {
  expect(limitsOf(channel)).toEqual({ perMinute: '30', perDay: '' })
  expect(limitsChange(channel, limitsOf(channel))).toBeUndefined()
  expect(limitsChange(channel, { perMinute: ' ', perDay: ' 500 ' })).toEqual({ perMinute: null, perDay: 500 })
  expect(limitProblems({ perMinute: '0', perDay: 'lots' }).map((one) => one.field)).toEqual(['limitsOwn.perMinute', 'limitsOwn.perDay'])
})

test('sizes are typed in megabytes, with either decimal sign', () => {
  const values = rulesOf(channel)
  expect(values.media).toBe('16')
  expect(rulesChange(channel, { ...values, media: '16,0' })).toBeUndefined()
  expect(rulesChange(channel, { ...values, document: '2,5' })).toEqual({ mediaMaxBytes: 16_777_216, documentMaxBytes: 2_621_440, allowed: channel.fileRules!.allowed })
  expect(rulesProblems({ ...values, media: '0', document: 'big' }).map((one) => one.field)).toEqual(['fileRules.mediaMaxBytes', 'fileRules.documentMaxBytes'])
})

test('a type nobody here knows is kept when another kind is chosen', () => {
  expect(kindsOf(channel.fileRules!.allowed!)).toEqual(new Set(['pictures']))
  expect(rulesChange(channel, { ...rulesOf(channel), allowed: [...channel.fileRules!.allowed!, ...FILE_KINDS.pdf] })?.allowed).toContain('application/x-odd')
})

test('a family is all of its types, and falls without taking other kinds along', () => {
  expect(kindsOf(['image/*', 'application/*'])).toEqual(new Set(['pictures', 'pdf', 'office']))
  expect(toggled(['image/*'], 'pictures', false)).toEqual([])
  expect(kindsOf(toggled(['application/*', 'text/csv'], 'pdf', false))).toEqual(new Set(['office']))
  expect(toggled(['application/*', 'text/csv'], 'pdf', false)).toContain('text/csv')
  expect(toggled([], 'pdf', true)).toEqual(['application/pdf'])
})
