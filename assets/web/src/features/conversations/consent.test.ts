import { expect, test } from 'vitest'
import { consentOf } from './PanelConsent'

const said = (granted: boolean, channelId?: string) => ({ purpose: 'MARKETING' as const, granted, at: '2026-11-22T12:00:00Z', source: 'word', word: 'SAIR', channelId })

test('what somebody said of a channel counts more than what they said of all', () => {
  const contact = { consents: [said(true), said(false, 'a')] }
  expect(consentOf(contact, 'a', 'MARKETING')?.granted).toBe(false)
  expect(consentOf(contact, 'b', 'MARKETING')?.granted).toBe(true)
  expect(consentOf(contact, 'a', 'SERVICE')).toBeUndefined()
  expect(consentOf({}, 'a', 'MARKETING')).toBeUndefined()
})
