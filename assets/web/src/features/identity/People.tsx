import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { cache, useRecords } from '@/api/cache'
import { users } from '@/api/calls'
import type { User } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { can, useMe } from '@/app/session'
import { usePeople, useQueues } from '@/features/conversations/directory'
import { fold } from '@/lib/fold'
import { Avatar } from '@/ui/avatar'
import { Button, IconButton } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { EmptyState, Notice, Skeleton } from '@/ui/feedback'
import { Input } from '@/ui/field'
import { LockIcon, MoreIcon, SettingsIcon, SignOutIcon, TrashIcon, UserPlusIcon, UsersIcon } from '@/ui/icons'
import { Menu, MenuItem, MenuSeparator } from '@/ui/menu'
import { Cell, Page, Table } from '@/ui/page'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { InviteDialog } from './InviteDialog'
import { PendingInvitations } from './PendingInvitations'
import { PersonDialog } from './PersonDialog'
import { roleName, useRoles } from './rights'

/** Rows shown at first, and added each time one asks for more: a table of thousands would make typing slow. */
const ROWS = 100

type Ask = { what: 'off' | 'delete'; user: User }

/** Who works here, and with what rights. */
export default function People() {
  const t = useT()
  const [text, setText] = useState('')
  const [rows, setRows] = useState(ROWS)
  const [open, setOpen] = useState<'invite' | 'create' | User | null>(null)
  const people = usePeople()
  useQueues()
  const all = useRecords('user')
  const may = can('user.manage')
  const wanted = fold(text.trim())
  const shown = all
    .filter((user) => fold(`${user.name} ${user.email}`).includes(wanted))
    .toSorted((a, b) => Number(b.isActive) - Number(a.isActive) || a.name.localeCompare(b.name))
  return (
    <Page
      wide
      title={t('people.title')}
      intro={t('people.intro')}
      actions={
        may && (
          <>
            <Button onClick={() => setOpen('create')}>{t('people.create')}</Button>
            <Button kind="primary" icon={<UserPlusIcon size={16} />} onClick={() => setOpen('invite')}>{t('people.invite')}</Button>
          </>
        )
      }
    >
      {people.error && <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void people.refetch()}>{t('action.retry')}</Button>}>{errorWords(people.error)}</Notice>}
      {may && <PendingInvitations />}
      {people.isPending ? (
        <div className="flex flex-col gap-2">{[0, 1, 2, 3].map((row) => <Skeleton key={row} className="h-12" />)}</div>
      ) : (
        all.length > 0 && (
          <>
            <Input type="search" aria-label={t('people.search')} placeholder={t('people.search')} value={text} onChange={(event) => setText(event.target.value)} className="sm:max-w-72" />
            {shown.length > 0 ? <PeopleTable people={shown.slice(0, rows)} may={may} onEdit={setOpen} /> : <EmptyState icon={<UsersIcon />} title={t('people.nobody')} />}
            {shown.length > rows && <Button className="self-center" onClick={() => setRows(rows + ROWS)}>{t('list.more')}</Button>}
          </>
        )
      )}
      {open === 'invite' && <InviteDialog onClose={() => setOpen(null)} />}
      {open !== null && open !== 'invite' && <PersonDialog user={open === 'create' ? null : open} onClose={() => setOpen(null)} />}
    </Page>
  )
}

function PeopleTable({ people, may, onEdit }: { people: readonly User[]; may: boolean; onEdit: (user: User) => void }) {
  const t = useT()
  const format = useFormat()
  const me = useMe()
  const roles = useRoles()
  const queues = new Map(useRecords('queue').map((queue) => [queue.id, queue.name]))
  const [ask, setAsk] = useState<Ask | null>(null)
  const failed = (error: unknown) => toast(errorWords(error), { tone: 'bad' })
  const turn = useMutation({
    mutationFn: ({ user, isActive }: { user: User; isActive: boolean }) => users.update(user.id, { isActive }),
    onSuccess: (user) => {
      cache.put('user', user)
      toast(t('action.saved'))
    },
    onError: failed,
  })
  const remove = useMutation({
    mutationFn: (user: User) => users.remove(user.id),
    onSuccess: (_, user) => {
      cache.remove(user.id, 'user')
      toast(t('people.deleted', { name: user.name }))
    },
    onError: failed,
  })
  const signOut = useMutation({ mutationFn: (user: User) => users.signOut(user.id), onSuccess: (_, user) => toast(t('people.signedOut', { name: user.name })), onError: failed })
  const confirmed = () => {
    if (ask?.what === 'off') turn.mutate({ user: ask.user, isActive: false })
    else if (ask) remove.mutate(ask.user)
  }
  const head = [
    { key: 'name', label: t('field.name') },
    { key: 'role', label: t('word.role'), hide: true },
    { key: 'queues', label: t('people.queues'), hide: true },
    { key: 'in', label: t('people.lastLogin'), hide: true },
    { key: 'out', label: t('people.lastLogout'), hide: true },
    ...(may ? [{ key: 'actions', label: t('word.actions'), end: true }] : []),
  ]
  return (
    <>
      <Table label={t('people.title')} head={head}>
        {people.map((user) => {
          const role = roleName(user.role, roles.data)
          return (
            <tr key={user.id}>
              <Cell>
                <span className="flex items-center gap-3">
                  <Avatar name={user.name} id={user.id} size="sm" presence={user.status} />
                  <span className="min-w-0">
                    <span className="flex flex-wrap items-center gap-1.5 font-medium">
                      {user.name}
                      {user.id === me.id && <Badge tone="accent">{t('word.you')}</Badge>}
                      {!user.isActive && <Badge tone="bad">{t('people.off')}</Badge>}
                    </span>
                    <span className="block text-xs break-all text-text-3">{user.email}</span>
                    <span className="block text-xs text-text-3 sm:hidden">{role}</span>
                    <span className="sr-only">{t(`presence.${user.status}`)}</span>
                  </span>
                </span>
              </Cell>
              <Cell hide>{role}</Cell>
              <Cell hide className="text-text-2">{user.queueIds.map((id) => queues.get(id)).filter(Boolean).join(', ') || '–'}</Cell>
              <Cell hide className="tabular whitespace-nowrap text-text-3">{user.lastLoginAt ? <time dateTime={user.lastLoginAt} title={format.full(user.lastLoginAt)}>{format.brief(user.lastLoginAt)}</time> : '–'}</Cell>
              <Cell hide className="tabular whitespace-nowrap text-text-3">{user.lastLogoutAt ? <time dateTime={user.lastLogoutAt} title={format.full(user.lastLogoutAt)}>{format.brief(user.lastLogoutAt)}</time> : '–'}</Cell>
              {may && (
                <Cell end>
                  <Menu trigger={<IconButton label={t('people.actionsOf', { name: user.name })}><MoreIcon /></IconButton>}>
                    <MenuItem icon={<SettingsIcon size={16} />} onSelect={() => onEdit(user)}>{t('action.edit')}</MenuItem>
                    {user.id !== me.id && (
                      <>
                        <MenuItem icon={<SignOutIcon size={16} />} onSelect={() => signOut.mutate(user)}>{t('people.signOut')}</MenuItem>
                        <MenuItem icon={<LockIcon size={16} />} onSelect={() => (user.isActive ? setAsk({ what: 'off', user }) : turn.mutate({ user, isActive: true }))}>{user.isActive ? t('people.turnOff') : t('people.turnOn')}</MenuItem>
                        <MenuSeparator />
                        <MenuItem danger icon={<TrashIcon size={16} />} onSelect={() => setAsk({ what: 'delete', user })}>{t('action.delete')}</MenuItem>
                      </>
                    )}
                  </Menu>
                </Cell>
              )}
            </tr>
          )
        })}
      </Table>
      <Confirm
        open={ask !== null}
        onOpenChange={(open) => !open && setAsk(null)}
        title={t(ask?.what === 'delete' ? 'people.deleteTitle' : 'people.offTitle', { name: ask?.user.name ?? '' })}
        confirm={ask?.what === 'delete' ? t('action.delete') : t('people.turnOff')}
        cancel={t('action.cancel')}
        danger
        onConfirm={confirmed}
      >
        {t(ask?.what === 'delete' ? 'people.deleteHint' : 'people.offHint')}
      </Confirm>
    </>
  )
}
