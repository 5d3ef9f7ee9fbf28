import { expect, test, vi } from 'vitest'
import { localeOf } from './i18n'

test.each([
  ['their own choice, wherever they sign in', { language: 'pt-BR', tenant: { language: 'fr' } }, 'es', 'pt-BR'],
  ['this browser’s, where they never chose', { language: null, tenant: { language: 'fr' } }, 'es', 'es'],
  ['the firm’s, where nobody did', { language: null, tenant: { language: 'fr' } }, null, 'fr'],
  ['the browser’s own, where even the firm has none we know', { tenant: { language: 'xx' } }, null, 'es'],
])('somebody at a shared desk reads %s', (_, me, browser, expected) => {
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(['es-MX', 'en'])
  expect(localeOf(me, browser)).toBe(expected)
})
