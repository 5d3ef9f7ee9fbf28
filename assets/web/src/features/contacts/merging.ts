import { cache } from '@/api/cache'
import { contacts } from '@/api/calls'
import type { Contact } from '@/api/types'
import { errorWords } from '@/app/errors'
import { t } from '@/app/i18n'
import { askAboutPeople, queryClient } from '@/app/query'
import { phoneWords } from '@/lib/phone'
import { toast } from '@/ui/toasts'

/** Makes `other` part of `one`; says whether it did. The toast takes it back. */
export async function mergeInto(one: Contact, other: Contact): Promise<boolean> {
  try {
    const whole = await contacts.merge(one.id, [other.id])
    cache.put('contact', whole)
    cache.remove(other.id, 'contact')
    askAboutPeople()
    const name = phoneWords(whole.name)
    toast(t('contact.merged', { name }), { action: { label: t('contact.unmerge'), perform: () => void undoLast(whole.id) } })
    return true
  } catch (error) {
    toast(errorWords(error), { tone: 'bad' })
    return false
  }
}

async function undoLast(id: string): Promise<void> {
  try {
    const last = (await contacts.merges(id)).items.find((one) => !one.undoneAt)
    if (last) await unmerge(id, last.id)
  } catch (error) {
    toast(errorWords(error), { tone: 'bad' })
  }
}

/** Takes a merge back: each has its own addresses and conversations again. */
export async function unmerge(id: string, mergeId: string): Promise<void> {
  try {
    const { contact, restored } = await contacts.unmerge(id, mergeId)
    cache.putAll('contact', [contact, ...restored])
    askAboutPeople()
    toast(t('contact.unmerged'))
  } catch (error) {
    toast(errorWords(error), { tone: 'bad' })
  }
}

/** Somebody says that the two are two. */
export async function dismiss(suggestionId: string): Promise<void> {
  try {
    await contacts.dismiss(suggestionId)
    await queryClient.invalidateQueries({ queryKey: ['contact-suggestions'] })
  } catch (error) {
    toast(errorWords(error), { tone: 'bad' })
  }
}

/** One line of a comparison: what the one says, what the other says, what both together would say. */
export interface Compared {
  field: 'name' | 'phone' | 'email' | 'language'
  one: string
  other: string
  isSame: boolean
}

/** The facts of two contacts side by side; what neither has is left out. */
export function compare(one: Contact, other: Contact): Compared[] {
  const facts = [
    ['name', phoneWords(one.name), phoneWords(other.name)],
    ['phone', phoneWords(one.phoneNumber ?? ''), phoneWords(other.phoneNumber ?? '')],
    ['email', one.email ?? '', other.email ?? ''],
    ['language', one.language ?? '', other.language ?? ''],
  ] as const
  return facts.filter(([, a, b]) => a || b).map(([field, a, b]) => ({ field, one: a, other: b, isSame: a === b }))
}
