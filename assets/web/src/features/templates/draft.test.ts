import { expect, test } from 'vitest'
import type { Template } from '@/api/types'
import { draftOf, emptyDraft, gapsOf, isEditable, moved, newTemplate, nextGap, problemsOf, templateChange, withButton, type Draft } from './draft'

const draft = (change: Partial<Draft>): Draft => ({ ...emptyDraft('pt_BR'), name: 'a', body: 'Hi', ...change })
const button = (kind: Draft['buttons'][number]['kind'], text = 'Go', more = {}) => ({ key: Math.random(), kind, text, url: '', phone: '', ...more })
const told = (change: Partial<Draft>) => problemsOf(draft(change)).map(({ field, code }) => `${field} ${code}`)
const examples = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'an example']))

test.each<[Partial<Draft>, string[]]>([
  [{ body: 'Hi {{1}}, welcome to {{2}}.', examples: examples('1', '2') }, []],
  [{ body: 'Hi {{first_name}}, welcome.', examples: examples('first_name') }, []],
  [{ name: 'Not_Small' }, ['name small_letters']],
  [{ name: '' }, ['name required']],
  [{ body: '' }, ['body required']],
  [{ body: 'a'.repeat(1_025) }, ['body too_long']],
  [{ body: '{{1}} is here.', examples: examples('1') }, ['body gap_edge']],
  [{ body: 'You are {{1}}', examples: examples('1') }, ['body gap_edge']],
  [{ body: 'Hi {{1}} {{2}} there', examples: examples('1', '2') }, ['body gap_touching']],
  [{ body: 'Hi {{1}} and {{3}} there', examples: examples('1', '3') }, ['body gap_numbers']],
  [{ body: 'Hi {{1}} and {{name}} there', examples: examples('1', 'name') }, ['body gap_names']],
  [{ body: 'Hi {{1} there' }, ['body braces']],
  [{ footer: 'a'.repeat(61) }, ['footer too_long']],
  [{ footer: 'Bye {{1}}.' }, ['footer no_gap']],
  [{ header: 'TEXT', headerText: 'Order {{1}} now', examples: examples('header.1') }, []],
  [{ header: 'TEXT', headerText: 'a'.repeat(61) }, ['header.text too_long']],
  [{ header: 'TEXT', headerText: '{{1}} and {{2}}', examples: examples('header.1', 'header.2') }, ['header.text one_gap']],
  [{ header: 'TEXT', headerText: '*bold*' }, ['header.text plain']],
  [{ header: 'IMAGE' }, ['header.mediaId required']],
  [{ header: 'LOCATION' }, []],
  [{ buttons: [button('QUICK_REPLY'), button('URL', 'Go', { url: 'https://example.com' }), button('QUICK_REPLY')] }, ['buttons answers_together']],
  [{ buttons: [button('URL', 'Go', { url: 'example.com' })] }, ['buttons.0.url format']],
  [{ buttons: [button('URL', 'Go', { url: 'https://example.com/{{1}}/b' })], examples: examples('button.0') }, ['buttons.0.url gap_at_end']],
  [{ buttons: [button('PHONE', 'Call', { phone: 'call me' })] }, ['buttons.0.phone format']],
  [{ buttons: [button('PHONE', 'Call', { phone: '+33 6 39 98 00 01' })] }, []],
  [{ buttons: [button('QUICK_REPLY', 'a'.repeat(26))] }, ['buttons.0.text too_long']],
  [{ body: 'Hi {{1}}, welcome.' }, ['variables.1 required']],
  [{ category: 'AUTHENTICATION', body: '', expiresMinutes: '91' }, ['code.expiresMinutes out_of_range']],
])('%j: %j', (change, expected) => expect(told(change)).toEqual(expected))

test('signs are counted as people count them', () => {
  expect(told({ footer: '👍'.repeat(60) })).toEqual([])
})

test('gaps go by the names the server gives them', () => {
  const full = draft({ header: 'TEXT', headerText: 'Order {{1}}', body: 'Hi {{1}}, see {{2}}, {{1}}.', buttons: [button('QUICK_REPLY'), button('URL', 'Go', { url: 'https://example.com/{{1}}' }), button('COPY_CODE')], examples: { 'header.1': '7', 1: 'Ana' } })
  expect(gapsOf(full).map(({ name, where, button: at, example }) => [name, where, at, example])).toEqual([
    ['header.1', 'header', undefined, '7'],
    ['1', 'body', undefined, 'Ana'],
    ['2', 'body', undefined, ''],
    ['button.1', 'button', 1, ''],
    ['button.2', 'button', 2, ''],
  ])
  expect(nextGap(full.body)).toBe('{{3}}')
  expect(nextGap('')).toBe('{{1}}')
})

test('a new button stands by its like, and examples stay with theirs', () => {
  const one = withButton([], 'QUICK_REPLY')
  const two = withButton(one, 'URL')
  const three = withButton(two, 'QUICK_REPLY')
  expect(three.map(({ kind }) => kind)).toEqual(['QUICK_REPLY', 'QUICK_REPLY', 'URL'])
  expect(new Set(three.map(({ key }) => key)).size).toBe(3)
  const before = draft({ buttons: two, examples: { 'button.1': '4711', 1: 'Ana' } })
  expect(moved(before, three).examples).toEqual({ 1: 'Ana', 'button.2': '4711' })
  expect(moved(before, [two[0]!]).examples).toEqual({ 1: 'Ana' })
})

const template = {
  id: 't', rev: 1, channelId: 'c', name: 'on_the_way', language: 'pt_BR', category: 'UTILITY', status: 'APPROVED', quality: 'GREEN', updatedAt: '',
  header: { kind: 'TEXT', text: 'Order {{1}}' }, body: 'Hi {{1}}, we come.', footer: 'Farol', buttons: [{ kind: 'URL', text: 'Track', url: 'https://example.com/{{1}}' }],
  variables: [{ name: 'header.1', where: 'header', example: '7' }, { name: '1', where: 'body', example: 'Ana' }, { name: 'button.0', where: 'button', button: 0, example: '4711' }],
} as Template

test('what is read can be handed in again as it is', () => {
  const again = draftOf(template)
  expect(problemsOf(again)).toEqual([])
  expect(newTemplate(again)).toMatchObject({ name: 'on_the_way', header: { kind: 'TEXT', text: 'Order {{1}}' }, footer: 'Farol', variables: template.variables })
  expect(templateChange(template, { ...again, header: 'NONE', footer: ' ' })).toMatchObject({ header: null, footer: null })
  expect(templateChange(template, again)).not.toHaveProperty('category')
})

test('a code has words of the provider’s own', () => {
  expect(newTemplate(draft({ category: 'AUTHENTICATION', header: 'TEXT', headerText: 'x', expiresMinutes: '10' }))).toMatchObject({ body: '', variables: [], code: { warns: true, expiresMinutes: 10 }, buttons: [{ kind: 'COPY_CODE' }] })
})

test('what is being looked over can’t be changed meanwhile', () => {
  expect(['APPROVED', 'REJECTED', 'PAUSED', 'PENDING', 'DISABLED'].map((status) => isEditable({ ...template, status } as Template))).toEqual([true, true, true, false, false])
  expect(isEditable({ ...template, unsupported: 'CAROUSEL' })).toBe(false)
})
