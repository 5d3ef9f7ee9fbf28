import type { Template } from '@/api/types'
import { fold } from '@/lib/fold'

/** What the list is narrowed to; empty is all. */
export interface Filter {
  q: string
  channelId: string
  status: string
  language: string
  category: string
  quality: string
}
export const ALL: Filter = { q: '', channelId: '', status: '', language: '', category: '', quality: '' }

/** Those that fit, what needs somebody's eye first, then by name and language. */
export function filtered(templates: readonly Template[], filter: Filter): Template[] {
  const words = fold(filter.q).split(/\s+/).filter(Boolean)
  const fits = (one: Template) =>
    (['channelId', 'status', 'language', 'category', 'quality'] as const).every((key) => filter[key] === '' || one[key] === filter[key]) &&
    (filter.status === 'DELETED' || one.status !== 'DELETED') &&
    words.every((word) => fold(`${one.name} ${one.name.replaceAll('_', ' ')} ${one.body}`).includes(word))
  return templates.filter(fits).sort((a, b) => ORDER[a.status] - ORDER[b.status] || a.name.localeCompare(b.name) || a.language.localeCompare(b.language))
}

const ORDER: Record<Template['status'], number> = { REJECTED: 0, PAUSED: 0, DISABLED: 0, IN_APPEAL: 1, PENDING: 1, APPROVED: 2, DELETED: 3 }

/** The values of one property that occur, sorted. */
export const valuesOf = <K extends 'status' | 'language' | 'category' | 'quality'>(templates: readonly Template[], key: K): Template[K][] => [...new Set(templates.map((one) => one[key]))].sort()

/** A list as a frame leaves it: the newer copy of a template stays. */
export function taken(templates: readonly Template[], verb: string, one: Template): Template[] {
  const known = templates.find(({ id }) => id === one.id)
  if (verb === 'deleted') return templates.filter(({ id }) => id !== one.id)
  if (known && known.rev >= one.rev) return [...templates]
  return known ? templates.map((each) => (each.id === one.id ? one : each)) : [...templates, one]
}
