import { expect, test } from 'vitest'
import type { Channel } from '@/api/types'
import { changeOf, emptyOf, newChannel, partsOf, problemsOf, reasonParts, secretOf, valuesOf } from './form'

const EMPTY = emptyOf('whatsapp_cloud')

const channel = {
  id: 'c',
  rev: 1,
  kind: 'whatsapp_cloud',
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

const session = {
  id: 'w',
  rev: 1,
  kind: 'waha',
  name: 'Workshop phone',
  config: { baseUrl: 'http://waha.example.com:3000', session: 'default', pathStyle: 'body', apiKey: { set: true, last4: 'k3y9' }, hmacKey: { set: true, last4: 'abcd' }, sessionState: 'WORKING' },
} as unknown as Channel

test('a session’s form speaks of its own settings', () => {
  expect(newChannel({ ...emptyOf('waha'), name: ' Workshop ', config: { baseUrl: 'http://waha.example.com:3000', apiKey: ' key ', session: '' } })).toEqual({
    kind: 'waha',
    name: 'Workshop',
    config: { baseUrl: 'http://waha.example.com:3000', apiKey: 'key' },
  })
  expect(changeOf(session, valuesOf(session))).toEqual({})
  expect(changeOf(session, { ...valuesOf(session), config: { ...valuesOf(session).config, pathStyle: 'path' } })).toEqual({ config: { pathStyle: 'path' } })
  expect(secretOf(session, 'apiKey')).toEqual({ set: true, last4: 'k3y9' })
  expect(secretOf(session, 'baseUrl')).toBeUndefined()
})

test('numbers go as numbers, and only to a server that shows them', () => {
  expect(partsOf('waha', session).map((part) => part.name)).not.toContain('pollSeconds')
  const newer = { ...session, config: { ...session.config, pollSeconds: 60, sessionFolder: '/srv/waha' } } as unknown as Channel
  expect(changeOf(newer, { ...valuesOf(newer), config: { ...valuesOf(newer).config, pollSeconds: '90', sessionFolder: ' ' } })).toEqual({ config: { pollSeconds: 90, sessionFolder: null } })
  expect(problemsOf({ ...valuesOf(newer), config: { pollSeconds: 'often' } }, newer).map((one) => one.field)).toEqual(['config.pollSeconds'])
})
