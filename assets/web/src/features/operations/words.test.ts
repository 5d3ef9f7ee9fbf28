import { beforeAll, expect, test } from 'vitest'
import { activate, wordsBehind } from '@/app/i18n'
import { kindWords, reasonWords } from './words'

beforeAll(async () => {
  await activate('en')
  await wordsBehind()
})

test.each([
  ['malformed', 'It can’t be read'],
  ['channel_removed', 'The channel was removed'],
  ['131047', 'The 24-hour window had closed'],
  ['131026', 'WhatsApp can’t reach this person'],
  ['294', 'WhatsApp refused the channel’s access'],
  ['http_401', 'WhatsApp refused the channel’s access'],
  ['http_503', 'The provider was not available'],
  ['http_418', 'The provider refused it'],
  ['999999', 'The provider refused it'],
  ['newer_than_this_app', 'Something went wrong'],
  ['provider', 'Something went wrong'],
])('%s', (code, words) => {
  expect(reasonWords(code)).toBe(words)
})

test('kinds without words go by their family', () => {
  expect(kindWords('deliveryKind', 'channel.send')).toBe('Message to a customer')
  expect(kindWords('jobKind', 'something.new')).toBe('Other bulk work')
})
