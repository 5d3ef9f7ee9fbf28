import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { contacts } from '@/api/calls'
import type { Contact } from '@/api/types'
import { FormDialog } from '@/app/form'
import { useT } from '@/app/i18n'
import { can } from '@/app/session'
import { useDebounced } from '@/lib/debounce'
import { phoneWords } from '@/lib/phone'
import { Avatar } from '@/ui/avatar'
import { TextField } from '@/ui/field'
import { PlanLater, useSend, type Made } from './ways-out'

/** Typing rests this long before the contacts are searched. */
const REST_MS = 200
const PHONE = /^\+?[\d\s().-]{5,24}$/

interface Card {
  name: string
  organisation: string
  phone: string
  email: string
}

/** A business card to be sent: of somebody the firm knows, or typed in. */
export default function CardDialog({ onClose }: { onClose: () => void }) {
  const t = useT()
  const [q, setQ] = useState('')
  const [card, setCard] = useState<Card>({ name: '', organisation: '', phone: '', email: '' })
  const [refusals, setRefusals] = useState(0)
  const asked = useDebounced(q.trim(), REST_MS)
  const known = can('contact.read')
  const { data } = useQuery({
    queryKey: ['card-contacts', asked],
    enabled: known && asked.length >= 2,
    queryFn: ({ signal }) => contacts.search(asked, null, signal),
  })
  const hits = asked.length >= 2 ? (data?.items.slice(0, 6) ?? []) : []
  const set = (patch: Partial<Card>) => setCard((current) => ({ ...current, ...patch }))
  const pick = (contact: Contact) => {
    setQ('')
    set({ name: phoneWords(contact.name), phone: contact.phoneNumber ? phoneWords(contact.phoneNumber) : '', email: contact.email ?? '' })
  }
  const wrong = {
    name: card.name.trim() === '' && t('field.required'),
    phone: card.phone.trim() === '' ? card.email.trim() === '' && t('composer.card.reachable') : !PHONE.test(card.phone.trim()) && t('field.invalid'),
    email: card.email.trim() !== '' && !/^\S+@\S+\.\S+$/.test(card.email.trim()) && t('field.invalid'),
  }
  const make = (): Made | null => {
    if (wrong.name || wrong.phone || wrong.email) {
      setRefusals(refusals + 1)
      return null
    }
    const digits = card.phone.replace(/\D/g, '')
    const one = {
      name: card.name.trim(),
      organisation: card.organisation.trim() || undefined,
      phones: digits ? [{ number: card.phone.trim(), ...(card.phone.trim().startsWith('+') && { waId: digits }) }] : [],
      emails: card.email.trim() ? [{ value: card.email.trim() }] : [],
    }
    return { content: '', more: { type: 'CONTACTS', contacts: [one] } }
  }
  const submit = useSend(make)
  const error = (words: string | false) => (refusals > 0 && words) || undefined
  return (
    <FormDialog title={t('composer.card.title')} submit={t('composer.send')} note={<PlanLater make={make} />} refusals={refusals} onSubmit={submit} onClose={onClose}>
      {known && (
        <div>
          <TextField label={t('composer.card.search')} type="search" autoComplete="off" value={q} onChange={(event) => setQ(event.target.value)} hint={t('composer.card.searchHint')} />
          {hits.length > 0 && (
            <ul aria-label={t('composer.card.hits')} className="mt-1.5 flex flex-col rounded-lg border border-line p-1">
              {hits.map((contact) => (
                <li key={contact.id}>
                  <button type="button" onClick={() => pick(contact)} className="flex min-h-9 w-full items-center gap-2.5 rounded-md px-2 py-1 text-left text-sm hover:bg-hover max-sm:min-h-11">
                    <Avatar name={contact.name} size="sm" />
                    <span className="min-w-0 flex-1 truncate">{phoneWords(contact.name)}</span>
                    <span className="tabular shrink-0 text-xs text-text-3">{contact.phoneNumber && phoneWords(contact.phoneNumber)}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
          {asked.length >= 2 && data && hits.length === 0 && <p role="status" className="mt-1.5 text-xs text-text-3">{t('composer.card.nobody')}</p>}
        </div>
      )}
      <TextField label={t('field.name')} autoComplete="off" value={card.name} onChange={(event) => set({ name: event.target.value })} error={error(wrong.name)} />
      <TextField label={t('identityKind.phone')} type="tel" autoComplete="off" value={card.phone} onChange={(event) => set({ phone: event.target.value })} error={error(wrong.phone)} />
      <TextField label={t('field.email')} optional={t('word.optional')} type="email" autoComplete="off" value={card.email} onChange={(event) => set({ email: event.target.value })} error={error(wrong.email)} />
      <TextField label={t('composer.card.organisation')} optional={t('word.optional')} autoComplete="off" value={card.organisation} onChange={(event) => set({ organisation: event.target.value })} />
    </FormDialog>
  )
}
