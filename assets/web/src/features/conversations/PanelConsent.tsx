import { useState } from 'react'
import { cache, useRecord } from '@/api/cache'
import { contacts } from '@/api/calls'
import type { Consent, Contact, Conversation } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { can } from '@/app/session'
import { Select } from '@/ui/select'
import { toast } from '@/ui/toasts'
import { Fact, Group } from './PanelParts'

const PURPOSES: readonly Consent['purpose'][] = ['SERVICE', 'MARKETING']

/** What they said of this channel counts more than what they said of all. */
export const consentOf = (contact: Pick<Contact, 'consents'>, channelId: string, purpose: Consent['purpose']): Consent | undefined => {
  const of = (channel: string | null) => contact.consents?.find((one) => one.purpose === purpose && (one.channelId ?? null) === channel)
  return of(channelId) ?? of(null)
}

/** What the customer agreed to receive over this channel, since when and how we know; who may, notes what they say. */
export function Consents({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const contact = useRecord('contact', conversation.contact?.id)
  if (!contact || contact.isGroup) return null
  return (
    <Group title={t('consent.title')}>
      {PURPOSES.map((purpose) => <One key={purpose} contact={contact} channelId={conversation.channelId} purpose={purpose} />)}
    </Group>
  )
}

function One({ contact, channelId, purpose }: { contact: Contact; channelId: string; purpose: Consent['purpose'] }) {
  const t = useT()
  const format = useFormat()
  const [busy, setBusy] = useState(false)
  const consent = consentOf(contact, channelId, purpose)
  const stands = consent ? (consent.granted ? 'yes' : 'no') : 'open'
  const note = async (next: string) => {
    if (next === stands || next === 'open') return
    setBusy(true)
    try {
      cache.put('contact', await contacts.note(contact.id, { purpose, granted: next === 'yes', channelId }))
    } catch (error) {
      toast(errorWords(error), { tone: 'bad' })
    }
    setBusy(false)
  }
  const label = t(`consent.${purpose}`)
  const words = (['open', 'yes', 'no'] as const).map((value) => ({ value, label: t(`consent.${value}`) }))
  const how = consent && (consent.source === 'word' && consent.word ? t('consent.byWord', { word: consent.word }) : consent.source === 'provider' ? t('consent.byProvider') : t('consent.byPerson'))
  return (
    <div>
      <Fact label={label}>
        {can('contact.write') ? (
          <Select quiet label={label} value={stands} disabled={busy} onChange={(next) => void note(next)} options={words.filter((one) => one.value !== 'open' || stands === 'open')} className="-mr-2 text-sm!" />
        ) : (
          t(`consent.${stands}`)
        )}
      </Fact>
      {consent && <p className="-mt-1 mb-1 text-right text-xs text-text-3" title={format.full(consent.at)}>{how} · {format.stamp(consent.at)}</p>}
    </div>
  )
}
