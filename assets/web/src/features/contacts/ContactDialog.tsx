import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { cache } from '@/api/cache'
import { contacts } from '@/api/calls'
import type { Contact } from '@/api/types'
import { demand, fieldWords } from '@/app/errors'
import { FormDialog } from '@/app/form'
import { useT } from '@/app/i18n'
import { phoneWords } from '@/lib/phone'
import { TextField } from '@/ui/field'
import { toast } from '@/ui/toasts'
import { changesOf, formOf, problemsOf, type ContactForm } from './contact'

const FIELDS = ['name', 'phoneNumber', 'email']

/** Changes what the firm calls a customer, and where it reaches them. */
export function ContactDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const t = useT()
  const [form, setForm] = useState<ContactForm>(() => formOf(contact))
  const set = (change: Partial<ContactForm>) => setForm((current) => ({ ...current, ...change }))
  const save = useMutation({
    mutationFn: async () => {
      demand(problemsOf(form))
      const change = changesOf(contact, form)
      return Object.keys(change).length > 0 ? contacts.update(contact.id, change) : contact
    },
    onSuccess: (saved) => {
      cache.put('contact', saved)
      if (saved !== contact) toast(t('action.saved'))
      onClose()
    },
  })
  const problem = (field: string) => fieldWords(save.error, field)
  return (
    <FormDialog title={t('contact.edit', { name: phoneWords(contact.name) })} width="sm" error={save.error} fields={FIELDS} busy={save.isPending} onSubmit={save.mutate} onClose={onClose}>
      <TextField label={t('field.name')} autoComplete="off" value={form.name} onChange={(event) => set({ name: event.target.value })} error={problem('name')} />
      <TextField label={t('identityKind.phone')} optional={t('word.optional')} hint={t('contact.phoneHint')} type="tel" autoComplete="off" value={form.phoneNumber} onChange={(event) => set({ phoneNumber: event.target.value })} error={problem('phoneNumber')} />
      <TextField label={t('field.email')} optional={t('word.optional')} type="email" autoComplete="off" value={form.email} onChange={(event) => set({ email: event.target.value })} error={problem('email')} />
    </FormDialog>
  )
}
