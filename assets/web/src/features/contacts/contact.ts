import type { Contact, ContactChange } from '@/api/types'
import { atMost, check, email, phone, required } from '@/lib/check'
import { phoneWords } from '@/lib/phone'

/** A contact as a form holds it. */
export interface ContactForm {
  name: string
  phoneNumber: string
  email: string
}

export const formOf = (contact: Contact): ContactForm => ({ name: contact.name, phoneNumber: phoneWords(contact.phoneNumber ?? ''), email: contact.email ?? '' })

/** What the form changes; an emptied address is taken away. */
export function changesOf(contact: Contact, form: ContactForm): ContactChange {
  const before = formOf(contact)
  const change: ContactChange = {}
  if (form.name.trim() !== before.name) change.name = form.name.trim()
  if (form.phoneNumber.trim() !== before.phoneNumber) change.phoneNumber = form.phoneNumber.trim() || null
  if (form.email.trim() !== before.email) change.email = form.email.trim() || null
  return change
}

/** What can be seen to be wrong without asking. */
export const problemsOf = (form: ContactForm) => check({ ...form }, { name: [required, atMost(200)], phoneNumber: [phone], email: [email, atMost(254)] })
