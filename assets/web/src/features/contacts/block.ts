import { cache } from '@/api/cache'
import { contacts } from '@/api/calls'
import { errorWords } from '@/app/errors'
import { t } from '@/app/i18n'
import { phoneWords } from '@/lib/phone'
import { ask } from '@/ui/ask'
import { toast } from '@/ui/toasts'

/** Blocks a customer after asking, or lets them in again at once. Their conversations follow by frames. */
export async function setBlocked(contact: { id: string; name: string }, isBlocked: boolean): Promise<void> {
  const { id } = contact
  const name = phoneWords(contact.name)
  if (isBlocked && !(await ask({ title: t('contact.blockTitle', { name }), words: t('contact.blockHint'), confirm: t('contact.block'), danger: true }))) return
  try {
    cache.put('contact', await contacts.update(id, { isBlocked }))
    toast(t(isBlocked ? 'contact.isBlocked' : 'contact.isUnblocked', { name }), isBlocked ? { action: { label: t('contact.unblock'), perform: () => void setBlocked(contact, false) } } : {})
  } catch (error) {
    toast(errorWords(error), { tone: 'bad' })
  }
}
