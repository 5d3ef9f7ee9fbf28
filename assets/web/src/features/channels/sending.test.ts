import { expect, test } from 'vitest'
import type { Setting } from '@/api/types'
import { valuesOfSending, whole } from './sending'

const setting = (key: string, value: Setting['value']): Setting => ({ key, about: '', levels: ['tenant', 'channel'], value, origin: null, default: value, schema: {} })

test('what is in force is shown as typed and goes back as numbers', () => {
  const retries = { attempts: 105, firstPauseSecs: 1, longestPauseSecs: 900, laneWaitSecs: 60 }
  const values = valuesOfSending([setting('channel.retries', retries), setting('channel.perSecond', 80), setting('other.key', 'x')])
  expect(values.attempts).toBe('105')
  expect(whole('channel.retries', values)).toEqual(retries)
  expect(whole('channel.perSecond', { ...values, perSecond: ' 20 ' })).toBe(20)
  expect(whole('channel.perSecond', { ...values, perSecond: 'many' })).toBe('many')
})
