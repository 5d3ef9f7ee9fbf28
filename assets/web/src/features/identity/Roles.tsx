import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { roles as calls } from '@/api/calls'
import type { Role } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useT, wordsFor } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { can } from '@/app/session'
import { Button } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { Notice, Skeleton } from '@/ui/feedback'
import { ForwardIcon, PlusIcon } from '@/ui/icons'
import { Page } from '@/ui/page'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { roleName, useRoles } from './rights'
import { RoleDialog } from './RoleDialog'

/** What each role may do and how far; the firm's own can be made and changed. */
export default function Roles() {
  const t = useT()
  const roles = useRoles()
  const may = can('role.manage')
  const [open, setOpen] = useState<Role | 'new' | null>(null)
  const [leaving, setLeaving] = useState<Role | null>(null)
  const remove = useMutation({
    mutationFn: (role: Role) => calls.remove(role.id!),
    onSuccess: () => toast(t('roles.deleted')),
    onError: (error) => toast(errorWords(error), { tone: 'bad' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['role'] }),
  })
  return (
    <Page title={t('roles.title')} intro={t('roles.intro')} actions={may && roles.data && <Button kind="primary" icon={<PlusIcon size={16} />} onClick={() => setOpen('new')}>{t('roles.create')}</Button>}>
      {roles.error && <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void roles.refetch()}>{t('action.retry')}</Button>}>{errorWords(roles.error)}</Notice>}
      {roles.isPending && <div className="flex flex-col gap-2">{[0, 1, 2].map((row) => <Skeleton key={row} className="h-14" />)}</div>}
      {roles.data && (
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface shadow-xs">
          {roles.data.map((role) => (
            <li key={role.key}>
              <details className="group">
                <summary className="flex min-h-11 list-none flex-wrap items-center justify-between gap-2 px-4 py-3 -outline-offset-2 hover:bg-hover [&::-webkit-details-marker]:hidden">
                  <span className="flex items-center gap-2 text-sm font-medium">
                    <ForwardIcon size={14} className="-ml-1 text-text-3 transition-transform group-open:rotate-90" />
                    {roleName(role.key, roles.data)}
                    {!role.builtIn && <Badge tone="accent">{t('roles.own')}</Badge>}
                  </span>
                  <span className="text-xs text-text-3">{t('roles.count', { count: Object.keys(role.permissions).length })}</span>
                </summary>
                <div className="flex flex-col gap-3 border-t border-line bg-sunken px-4 py-3">
                  {role.base && <p className="text-xs text-text-3">{t('roles.extends', { role: roleName(role.base, roles.data) })}</p>}
                  <Rights role={role} />
                  {may && !role.builtIn && (
                    <div className="flex gap-2">
                      <Button size="sm" onClick={() => setOpen(role)}>{t('action.edit')}</Button>
                      <Button size="sm" kind="danger" onClick={() => setLeaving(role)}>{t('action.delete')}</Button>
                    </div>
                  )}
                </div>
              </details>
            </li>
          ))}
        </ul>
      )}
      {open !== null && roles.data && <RoleDialog role={open === 'new' ? null : open} all={roles.data} onClose={() => setOpen(null)} />}
      <Confirm open={leaving !== null} onOpenChange={(open) => !open && setLeaving(null)} title={t('roles.deleteTitle', { name: leaving?.name ?? '' })} confirm={t('action.delete')} cancel={t('action.cancel')} danger onConfirm={() => leaving && remove.mutate(leaving)}>
        {t('roles.deleteHint')}
      </Confirm>
    </Page>
  )
}

function Rights({ role }: { role: Role }) {
  const t = useT()
  const rights = Object.entries(role.permissions).sort(([a], [b]) => a.localeCompare(b))
  if (rights.length === 0) return <p className="text-sm text-text-3">{t('roles.nothing')}</p>
  return (
    <dl className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-2">
      {rights.map(([name, reach]) => (
        <div key={name} className="flex justify-between gap-3">
          <dt>{wordsFor('permission', name, 'permission.other', { name })}</dt>
          <dd className="shrink-0 text-text-3">{t(`reach.${reach}`)}</dd>
        </div>
      ))}
    </dl>
  )
}
