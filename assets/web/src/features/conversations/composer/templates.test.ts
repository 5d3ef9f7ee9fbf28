import { expect, test } from 'vitest'
import type { Template } from '@/api/types'
import { filled, found, gapProblems, languagesOf, textOf } from './templates'

const template = (patch: Partial<Template>): Template => ({ id: 't', rev: 1, channelId: 'c', name: 'reminder', language: 'pt_BR', category: 'UTILITY', status: 'APPROVED', quality: 'GREEN', body: 'Olá {{1}}', buttons: [], variables: [], createdAt: '', updatedAt: '', ...patch })

test('fills each gap by its place, and leaves the braces of those that are empty', () => {
  const one = template({
    header: { kind: 'TEXT', text: 'Order {{1}}' },
    body: 'Hello {{1}}, at {{ 2 }} or {{3}}.',
    footer: 'Farol',
    buttons: [{ kind: 'URL', text: 'Track', url: 'https://example.com/{{1}}' }],
  })
  const read = filled(one, { '1': 'Rita', '2': 'nine', 'header.1': '4711', 'button.0': 'abc' })
  expect(read).toEqual({ header: 'Order 4711', body: 'Hello Rita, at nine or {{3}}.', footer: 'Farol', buttons: [{ text: 'Track', url: 'https://example.com/abc' }] })
  expect(textOf(read)).toBe('Order 4711\nHello Rita, at nine or {{3}}.\nFarol')
})

test('fills named gaps, whatever is put in', () => expect(filled(template({ body: 'Hi {{first_name}}' }), { first_name: '$& {{x}}' }).body).toBe('Hi $& {{x}}'))

test('looks for words anywhere, without accents, in one language, usable ones first', () => {
  const all = [template({ id: 'a', name: 'zebra', status: 'PAUSED' }), template({ id: 'b', name: 'visita_tecnica', body: 'Amanhã às 9' }), template({ id: 'c', name: 'visit', language: 'en' }), template({ id: 'd', status: 'DELETED' })]
  expect(found(all, '', '').map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  expect(found(all, 'amanha', '').map(({ id }) => id)).toEqual(['b'])
  expect(found(all, 'visita tecnica', 'pt_BR').map(({ id }) => id)).toEqual(['b'])
  expect(languagesOf(all)).toEqual(['en', 'pt_BR'])
})

test('says what the provider would refuse', () => {
  const gaps = ['1', '2', '3'].map((name) => ({ name, where: 'body' as const }))
  expect(gapProblems([...gaps, { name: 'button.0', where: 'button', button: 0 }], { '1': 'a', '2': 'a\nb', 'button.0': 'a b' })).toEqual({ '2': 'flat', '3': 'required', 'button.0': 'noSpaces' })
})
