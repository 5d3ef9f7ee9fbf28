import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useRecords } from '@/api/cache'
import { contacts } from '@/api/calls'
import type { Contact, ContactSuggestion } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { can, useMe } from '@/app/session'
import { phoneWords } from '@/lib/phone'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/feedback'
import { ReopenIcon } from '@/ui/icons'
import { dismiss, unmerge } from './merging'
import { MergeDialog } from './MergeDialog'

/** Less than this says too little to interrupt somebody with. */
const WORTH_SAYING = 50

/** Somebody else who may be the same person, where there is one: merged or told apart at a press. */
export function Lookalike({ contact }: { contact: Contact }) {
  const t = useT()
  const [merging, setMerging] = useState<Contact>()
  const query = useQuery({ queryKey: ['contact-suggestions', contact.id], enabled: can('contact.write') && !contact.isGroup, queryFn: async () => (await contacts.suggestions(contact.id)).items, staleTime: 30_000 })
  const best = query.data?.find((one) => one.score >= WORTH_SAYING)
  const other = best && otherOf(best, contact)
  return (
    <>
      {best && other && (
        <Notice role="status" className="mt-3 w-full text-left">
          <p>{t('contact.lookalike', { name: phoneWords(other.name), number: other.number })}</p>
          <p className="text-xs text-text-3">{t(`sameReason.${best.reason}`)}</p>
          <div className="mt-1.5 flex flex-wrap gap-1.5">
            <Button size="sm" onClick={() => setMerging(other)}>{t('contact.compare')}</Button>
            <Button size="sm" kind="quiet" onClick={() => void dismiss(best.id)}>{t('contact.notSame')}</Button>
          </div>
        </Notice>
      )}
      {merging && <MergeDialog contact={contact} other={merging} onClose={() => setMerging(undefined)} />}
    </>
  )
}

const otherOf = (suggestion: ContactSuggestion, contact: Contact) => suggestion.contacts.find((one) => one.id !== contact.id)

/** Which contacts became this one, who joined them and when; each can be taken back. */
export function Merges({ contact }: { contact: Contact }) {
  const t = useT()
  const format = useFormat()
  const me = useMe()
  const users = useRecords('user')
  const [busy, setBusy] = useState<string>()
  const query = useQuery({ queryKey: ['contact-merges', contact.id, contact.mergedContacts], queryFn: async () => (await contacts.merges(contact.id)).items.filter((one) => !one.undoneAt) })
  const name = (id: string) => (id === me.id ? me.name : users.find((user) => user.id === id)?.name) ?? t('conversation.someoneElse')
  const undo = async (id: string) => {
    setBusy(id)
    await unmerge(contact.id, id)
    setBusy(undefined)
  }
  if (query.error) return <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void query.refetch()}>{t('action.retry')}</Button>}>{errorWords(query.error)}</Notice>
  return (
    <ul className="flex flex-col gap-3">
      {query.data?.map((merge) => (
        <li key={merge.id} className="flex items-start justify-between gap-3 text-sm">
          <div className="min-w-0">
            {merge.contacts.map((one) => (
              <p key={one.id} className="break-words">
                <span className="font-medium">{phoneWords(one.name)}</span> <span className="tabular text-xs text-text-3">#{one.number}</span>
              </p>
            ))}
            <p className="text-xs text-text-3">{[name(merge.userId), format.stamp(merge.at)].join(' · ')}</p>
          </div>
          {can('contact.write') && <Button size="sm" kind="quiet" icon={<ReopenIcon size={15} />} busy={busy === merge.id} onClick={() => void undo(merge.id)} aria-label={t('contact.unmergeOf', { name: merge.contacts.map((one) => phoneWords(one.name)).join(', ') })}>{t('contact.unmerge')}</Button>}
        </li>
      ))}
    </ul>
  )
}
