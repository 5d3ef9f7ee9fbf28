import { expect, test } from 'vitest'
import type { Channel } from '@/api/types'
import { EMPTY, changeOf, newChannel, problemsOf, reasonParts, valuesOf } from './form'

const channel = {
  id: 'c',
  rev: 1,
  name: 'Main number',
  queueId: 'q1',
  config: { phoneNumberId: '106540352242922', businessAccountId: null, baseUrl: 'https://graph.example.com', accessToken: { set: true, last4: 'x7Qz' }, appSecret: { set: false } },
} as unknown as Channel

test('nothing typed is nothing changed', () => {
  expect(changeOf(channel, valuesOf(channel))).toEqual({})
})

test('secrets begin empty and are sent only when typed', () => {
  const values = valuesOf(channel)
  expect(values.config.accessToken).toBeUndefined()
  expect(changeOf(channel, { ...values, config: { ...values.config, appSecret: ' abc ', accessToken: '  ' } })).toEqual({ config: { appSecret: 'abc' } })
})

test('only what differs is sent; no queue is a null', () => {
  const values = valuesOf(channel)
  expect(changeOf(channel, { ...values, name: ' Night ', queueId: '' })).toEqual({ name: 'Night', queueId: null })
  expect(changeOf(channel, { ...values, config: { ...values.config, appSecret: '' } })).toEqual({})
})

test('an emptied setting is taken away; a channel without its number would be none', () => {
  const before = { ...channel, config: { ...channel.config, businessAccountId: '419561257915477' } } as Channel
  const values = valuesOf(before)
  expect(changeOf(before, { ...values, config: { ...values.config, businessAccountId: ' ' } })).toEqual({ config: { businessAccountId: null } })
  expect(changeOf(before, { ...values, config: { ...values.config, baseUrl: '' } })).toEqual({ config: { baseUrl: null } })
  expect(changeOf(before, { ...values, config: { ...values.config, phoneNumberId: '' } })).toEqual({})
})

test('a new channel leaves out what is empty', () => {
  expect(newChannel({ ...EMPTY, config: { phoneNumberId: ' 1 ', baseUrl: '' } })).toEqual({ kind: 'whatsapp_cloud', name: 'WhatsApp', config: { phoneNumberId: '1' } })
})

test('a reason is parted from its code', () => {
  expect(reasonParts('190: Error validating access token')).toEqual({ code: '190', words: 'Error validating access token' })
  expect(reasonParts('Invalid OAuth access token: expired')).toEqual({ code: null, words: 'Invalid OAuth access token: expired' })
})

test('what is wrong is known before asking; what a channel has may stay as it is', () => {
  const told = (problems: { field: string; code: string }[]) => problems.map((one) => `${one.field} ${one.code}`)
  expect(told(problemsOf(EMPTY))).toEqual(['config.phoneNumberId required'])
  expect(told(problemsOf({ ...EMPTY, name: ' ', config: { phoneNumberId: '+33 6', baseUrl: 'graph.example.com' } }))).toEqual(['name required', 'config.phoneNumberId format', 'config.baseUrl format'])
  expect(problemsOf(valuesOf(channel), channel)).toEqual([])
})
