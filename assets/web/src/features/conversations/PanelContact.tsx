import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { cache, useRecord } from '@/api/cache'
import { contacts } from '@/api/calls'
import type { Contact, Conversation } from '@/api/types'
import { useT, wordsFor } from '@/app/i18n'
import { can } from '@/app/session'
import { setBlocked } from '@/features/contacts/block'
import { ContactDialog } from '@/features/contacts/ContactDialog'
import { MergeDialog } from '@/features/contacts/MergeDialog'
import { Lookalike, Merges } from '@/features/contacts/SamePerson'
import { phoneWords } from '@/lib/phone'
import { Avatar } from '@/ui/avatar'
import { Button } from '@/ui/button'
import { Skeleton } from '@/ui/feedback'
import { BlockIcon, CopyIcon, PencilIcon, UsersIcon } from '@/ui/icons'
import { Phone } from '@/ui/phone'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { Group } from './PanelParts'
import { customerName, customerPhone } from './words'

/** The whole contact; frames keep it. Who may not read contacts sees what the conversation says of them. */
function useContact(id: string | undefined) {
  const query = useQuery({
    queryKey: ['contact', id],
    enabled: !!id && can('contact.read'),
    queryFn: async () => {
      cache.put('contact', await contacts.get(id!))
      return true
    },
  })
  return { contact: useRecord('contact', id), isPending: query.isPending }
}

/** Who this is; who may, puts their name and addresses right, or blocks them. */
export function Who({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const [editing, setEditing] = useState(false)
  const [merging, setMerging] = useState(false)
  const { contact } = useContact(conversation.contact?.id)
  const name = customerName(conversation)
  const phone = customerPhone(conversation)
  const blocked = contact?.isBlocked ?? conversation.contact?.isBlocked ?? false
  return (
    <section className="flex flex-col items-center gap-1 px-4 pt-5 pb-4 text-center">
      <Avatar name={name} id={conversation.contact?.id} src={contact ? contact.avatarUrl : conversation.contact?.avatarUrl} size="lg" />
      <p className="mt-2 text-lg font-semibold text-balance">{name}</p>
      {phone && <CopyPhone value={phone} />}
      {blocked && <Badge tone="bad">{t('panel.blocked')}</Badge>}
      {contact && can('contact.write') && (
        <div className="mt-2 flex w-full justify-center gap-1">
          <Deed icon={<PencilIcon size={17} />} onClick={() => setEditing(true)} label={t('contact.edit', { name })}>{t('action.edit')}</Deed>
          {!contact.isGroup && <Deed icon={<UsersIcon size={17} />} onClick={() => setMerging(true)} label={t('contact.mergeWith')}>{t('contact.merge')}</Deed>}
          <Deed icon={<BlockIcon size={17} />} onClick={() => void setBlocked(contact, !blocked)}>{blocked ? t('contact.unblock') : t('contact.block')}</Deed>
        </div>
      )}
      {contact && <Lookalike contact={contact} />}
      {contact && merging && <MergeDialog contact={contact} onClose={() => setMerging(false)} />}
      {contact && editing && <ContactDialog contact={contact} onClose={() => setEditing(false)} />}
    </section>
  )
}

/** What can be done with the contact: the icon above its word, so that three stand beside each other in every language. */
function Deed({ icon, label, onClick, children }: { icon: ReactNode; label?: string; onClick: () => void; children: string }) {
  return (
    <button type="button" aria-label={label} onClick={onClick} className="flex min-h-13 max-w-28 min-w-0 flex-1 flex-col items-center justify-center gap-1 rounded-md px-1 py-1.5 text-xs font-medium text-text-2 transition-colors hover:bg-hover hover:text-text">
      {icon}
      <span className="w-full truncate text-center">{children}</span>
    </button>
  )
}

/** Their number, copied at a press as programs dial it. */
function CopyPhone({ value }: { value: string }) {
  const t = useT()
  // On plain http the browser keeps the clipboard to itself; then it can only be marked.
  if (!window.isSecureContext) return <Phone value={value} className="text-sm text-text-2" />
  const words = phoneWords(value)
  const copy = async () => {
    await navigator.clipboard.writeText(value)
    toast(t('action.copied'))
  }
  return (
    <button type="button" onClick={() => void copy()} aria-label={`${t('action.copy')} ${words}`} className="touch tabular inline-flex min-h-6 items-center gap-1.5 rounded-md px-1.5 text-sm text-text-2 hover:bg-hover">
      {words}
      <CopyIcon size={13} className="text-text-3" />
    </button>
  )
}

/** The contacts that became this one. */
export function Joined({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const { contact } = useContact(conversation.contact?.id)
  if (!contact?.mergedContacts?.length) return null
  return (
    <Group title={t('contact.merges')}>
      <Merges contact={contact} />
    </Group>
  )
}

/** WhatsApp writes its numbers without the plus by which people know one. */
const dialled = ({ kind, value }: Contact['identities'][number]) => (kind === 'whatsapp' && /^[1-9]\d{7,14}$/.test(value) ? `+${value}` : value)

/** Who is in a group, those first who may change it. */
export function Members({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const { contact } = useContact(conversation.contact?.id)
  const [whole, setWhole] = useState(false)
  const members = [...(contact?.members ?? [])].sort((a, b) => Number(b.isAdmin) - Number(a.isAdmin))
  if (members.length === 0) return null
  const shown = whole ? members : members.slice(0, MEMBERS_SHOWN)
  return (
    <Group title={t('group.members', { count: members.length })}>
      <ul className="flex flex-col gap-2">
        {shown.map((member) => {
          const number = phoneWords(member.address)
          return (
            <li key={member.address} className="flex items-center gap-2.5 text-sm">
              <Avatar name={member.name || number} id={member.address} size="sm" />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{member.name || number}</span>
                {member.name && <Phone value={member.address} className="block truncate text-xs text-text-3" />}
              </span>
              {member.isAdmin && <Badge>{t('group.admin')}</Badge>}
            </li>
          )
        })}
      </ul>
      {shown.length < members.length && <Button size="sm" kind="quiet" className="mt-1.5 -ml-2.5" onClick={() => setWhole(true)}>{t('panel.showAll', { count: members.length })}</Button>}
    </Group>
  )
}
const MEMBERS_SHOWN = 8

/** All addresses by which they are known. */
export function Identities({ conversation }: { conversation: Conversation }) {
  const t = useT()
  const { contact, isPending } = useContact(conversation.contact?.id)
  if (!can('contact.read')) return null
  return (
    <Group title={t('panel.identities')}>
      {contact ? (
        <ul className="flex flex-col gap-1.5">
          {contact.identities.map((identity) => (
            <li key={identity.id} className="flex items-baseline justify-between gap-3 text-sm">
              <span className="text-text-3">{wordsFor('identityKind', identity.kind, 'identityKind.other')}</span>
              <Phone value={dialled(identity)} className="min-w-0 text-right break-all" />
            </li>
          ))}
          {contact.identities.length === 0 && <li className="text-sm text-text-3">{t('panel.none')}</li>}
        </ul>
      ) : (
        isPending && <Skeleton className="h-5" />
      )}
    </Group>
  )
}
