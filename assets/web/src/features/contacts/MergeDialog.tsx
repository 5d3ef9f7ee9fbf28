import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { contacts } from '@/api/calls'
import type { Contact } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { useDebounced } from '@/lib/debounce'
import { phoneWords } from '@/lib/phone'
import { Avatar } from '@/ui/avatar'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Notice, Skeleton } from '@/ui/feedback'
import { Input } from '@/ui/field'
import { TransferIcon } from '@/ui/icons'
import { Phone } from '@/ui/phone'
import { compare, mergeInto } from './merging'

const REST_MS = 220

/** Two contacts become one: looked up, put side by side, confirmed. */
export function MergeDialog({ contact, other: given, onClose }: { contact: Contact; other?: Contact; onClose: () => void }) {
  const t = useT()
  const [other, setOther] = useState<Contact | undefined>(given)
  const [swapped, setSwapped] = useState(false)
  const [busy, setBusy] = useState(false)
  const [stays, joins] = swapped && other ? [other, contact] : [contact, other]
  const merge = async () => {
    if (!joins) return
    setBusy(true)
    if (await mergeInto(stays, joins)) onClose()
    else setBusy(false)
  }
  return (
    <Dialog
      open
      sheet
      high={!other}
      onOpenChange={(open) => !open && onClose()}
      title={t('contact.mergeTitle')}
      description={other ? t('contact.mergeHint', { name: phoneWords(stays.name) }) : t('contact.mergeFindHint', { name: phoneWords(contact.name) })}
      closeLabel={t('action.close')}
      footer={
        other && (
          <>
            {!given && <Button className="mr-auto" onClick={() => setOther(undefined)} disabled={busy}>{t('action.back')}</Button>}
            <Button onClick={onClose}>{t('action.cancel')}</Button>
            <Button kind="primary" busy={busy} onClick={() => void merge()}>{t('contact.merge')}</Button>
          </>
        )
      }
    >
      {joins ? <SideBySide stays={stays} joins={joins} onSwap={() => setSwapped(!swapped)} /> : <Find not={contact} onFound={setOther} />}
    </Dialog>
  )
}

function Find({ not, onFound }: { not: Contact; onFound: (contact: Contact) => void }) {
  const t = useT()
  const [text, setText] = useState('')
  const asked = useDebounced(text.trim(), REST_MS)
  const query = useQuery({
    queryKey: ['contact-find', asked],
    queryFn: ({ signal }) => contacts.search(asked, null, signal),
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  })
  const found = (query.data?.items ?? []).filter((one) => one.id !== not.id && !one.isGroup)
  return (
    <>
      <Input type="search" value={text} onChange={(event) => setText(event.target.value)} aria-label={t('contact.mergeFind')} placeholder={t('contact.mergeFind')} className="mb-2 w-full" />
      {query.isPending && <Skeleton className="h-40" shape="box" />}
      {query.error && <Notice tone="bad">{errorWords(query.error)}</Notice>}
      {query.isSuccess && found.length === 0 && <p className="py-6 text-center text-sm text-text-3">{t('contact.mergeNone')}</p>}
      <ul aria-label={t('contact.mergeFind')} className="-mx-2 flex max-h-[45vh] min-h-40 flex-col overflow-y-auto">
        {found.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => onFound(one)} className="flex min-h-12 w-full items-center gap-3 rounded-md px-2 py-1 text-left -outline-offset-2 hover:bg-hover">
              <Avatar name={phoneWords(one.name)} id={one.id} src={one.avatarUrl} size="sm" />
              <span className="min-w-0 flex-1">
                <span className="block truncate text-sm font-medium">{phoneWords(one.name)}</span>
                <span className="block truncate text-xs text-text-3">{[phoneWords(one.phoneNumber ?? ''), one.email, `#${one.number}`].filter(Boolean).join(' · ')}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** What stays, what joins it, and where they differ. */
function SideBySide({ stays, joins, onSwap }: { stays: Contact; joins: Contact; onSwap: () => void }) {
  const t = useT()
  const label = { name: t('field.name'), phone: t('identityKind.phone'), email: t('field.email'), language: t('preferences.language') }
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-[1fr_auto_1fr] items-center gap-2">
        <Face contact={stays} words={t('contact.mergeStays')} />
        <Button size="sm" kind="quiet" icon={<TransferIcon size={16} />} aria-label={t('contact.mergeSwap')} title={t('contact.mergeSwap')} onClick={onSwap} />
        <Face contact={joins} words={t('contact.mergeJoins')} />
      </div>
      <table className="w-full table-fixed border-t border-line text-sm">
        <caption className="sr-only">{t('contact.mergeTitle')}</caption>
        <thead className="sr-only">
          <tr>
            <td />
            <th scope="col">{t('contact.mergeStays')}</th>
            <th scope="col">{t('contact.mergeJoins')}</th>
          </tr>
        </thead>
        <tbody>
          {compare(stays, joins).map(({ field, one, other, isSame }) => (
            <tr key={field} className="border-b border-line align-top">
              <th scope="row" className="w-20 py-1.5 pr-2 text-left font-normal break-words text-text-3">{label[field]}</th>
              <td className="py-1.5 pr-2 break-words">{one || t('panel.none')}</td>
              <td className={isSame ? 'py-1.5 break-words text-text-3' : 'py-1.5 break-words'}>{other || t('panel.none')}</td>
            </tr>
          ))}
          <tr className="align-top">
            <th scope="row" className="w-20 py-1.5 pr-2 text-left font-normal break-words text-text-3">{t('panel.identities')}</th>
            <td className="py-1.5 pr-2"><Addresses contact={stays} /></td>
            <td className="py-1.5"><Addresses contact={joins} /></td>
          </tr>
        </tbody>
      </table>
      {stays.isBlocked !== joins.isBlocked && <Notice tone="warn">{t('contact.mergeBlocks')}</Notice>}
    </div>
  )
}

function Face({ contact, words }: { contact: Contact; words: string }) {
  const t = useT()
  const format = useFormat()
  return (
    <div className="flex min-w-0 flex-col items-center gap-1 text-center">
      <span className="text-xs text-text-3">{words}</span>
      <Avatar name={phoneWords(contact.name)} id={contact.id} src={contact.avatarUrl} size="lg" />
      <span className="w-full truncate text-sm font-medium">{phoneWords(contact.name)}</span>
      <span className="tabular w-full truncate text-xs text-text-3">#{contact.number} · {t('contact.since', { at: format.stamp(contact.createdAt) })}</span>
    </div>
  )
}

function Addresses({ contact }: { contact: Contact }) {
  return (
    <ul className="flex flex-col gap-1">
      {contact.identities.map((identity) => (
        <li key={identity.id} className="flex flex-col">
          <span className="text-xs text-text-3">{wordsFor('identityKind', identity.kind, 'identityKind.other')}</span>
          <Phone value={identity.value} className="break-all" />
        </li>
      ))}
    </ul>
  )
}
