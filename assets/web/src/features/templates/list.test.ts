import { expect, test } from 'vitest'
import type { Template } from '@/api/types'
import { ALL, filtered, taken, valuesOf } from './list'

const one = (id: string, more: Partial<Template> = {}) => ({ id, rev: 1, channelId: 'c', name: id, language: 'pt_BR', category: 'UTILITY', status: 'APPROVED', quality: 'GREEN', body: '', ...more }) as Template
const list = [one('zebra'), one('atrasado', { status: 'PENDING', body: 'O guincho está a caminho' }), one('promo_inverno', { status: 'REJECTED', category: 'MARKETING', language: 'fr' }), one('velho', { status: 'DELETED' })]
const names = (found: Template[]) => found.map(({ name }) => name)

test('what needs an eye comes first; what is gone is out of sight until asked for', () => {
  expect(names(filtered(list, ALL))).toEqual(['promo_inverno', 'atrasado', 'zebra'])
  expect(names(filtered(list, { ...ALL, status: 'DELETED' }))).toEqual(['velho'])
})

test('filters add up, and words are found in names and texts', () => {
  expect(names(filtered(list, { ...ALL, category: 'MARKETING', language: 'fr' }))).toEqual(['promo_inverno'])
  expect(names(filtered(list, { ...ALL, q: 'PROMO inverno' }))).toEqual(['promo_inverno'])
  expect(names(filtered(list, { ...ALL, q: 'esta caminho' }))).toEqual(['atrasado'])
  expect(filtered(list, { ...ALL, channelId: 'other' })).toEqual([])
  expect(valuesOf(list, 'language')).toEqual(['fr', 'pt_BR'])
})

test('frames keep the list: new ones come, newer copies stay, the deleted go', () => {
  expect(names(taken(list, 'created', one('novo'))).at(-1)).toBe('novo')
  expect(taken(list, 'updated', one('zebra', { rev: 2, status: 'PAUSED' }))[0]!.status).toBe('PAUSED')
  expect(taken(list, 'updated', one('zebra', { rev: 0, status: 'PAUSED' }))[0]!.status).toBe('APPROVED')
  expect(names(taken(list, 'deleted', one('zebra')))).not.toContain('zebra')
})
