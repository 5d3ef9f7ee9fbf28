import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { roles as calls } from '@/api/calls'
import type { Reach, Role } from '@/api/types'
import { demand, errorWords, fieldWords } from '@/app/errors'
import { FormDialog } from '@/app/form'
import { useT, wordsFor } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { useMe } from '@/app/session'
import { atMost, check, required } from '@/lib/check'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'
import { Field, TextField } from '@/ui/field'
import { Select } from '@/ui/select'
import { toast } from '@/ui/toasts'
import { beyond, covers, givable, roleName, usePermissions } from './rights'

const NONE = 'none'

/** A role of the firm's own: a built-in one it extends, and what it may do beyond that. */
export function RoleDialog({ role, all, onClose }: { role: Role | null; all: readonly Role[]; onClose: () => void }) {
  const t = useT()
  const me = useMe()
  const rightsOf = (key: string) => all.find((one) => one.builtIn && one.key === key)?.permissions ?? {}
  const [name, setName] = useState(role?.name ?? '')
  const [base, setBase] = useState(role ? (role.base ?? NONE) : 'AGENT')
  const [extra, setExtra] = useState<Record<string, Reach>>(() => beyond(role?.permissions ?? {}, rightsOf(role?.base ?? NONE)))
  const given = rightsOf(base)
  const save = useMutation({
    mutationFn: async () => {
      demand(check({ name }, { name: [required, atMost(60)] }))
      const body = { name: name.trim(), base: base === NONE ? null : base, permissions: beyond(extra, given) }
      return role ? calls.update(role.id!, body) : calls.create(body)
    },
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['role'] })
      toast(t('action.saved'))
      onClose()
    },
  })
  const bases = all.filter((one) => one.builtIn && covers(me.permissions, one.permissions)).map((one) => ({ value: one.key, label: roleName(one.key, all) }))
  const set = (permission: string, reach: string) =>
    setExtra((current) => {
      const { [permission]: _, ...rest } = current
      return reach === NONE ? rest : { ...rest, [permission]: reach as Reach }
    })
  const problem = fieldWords(save.error, 'permissions')
  const permissions = usePermissions()
  return (
    <FormDialog width="lg" title={role ? t('roles.edit', { name: role.name }) : t('roles.create')} description={t('roles.createHint')} error={save.error} fields={['name', 'base', 'permissions']} busy={save.isPending} onSubmit={save.mutate} onClose={onClose}>
      <TextField label={t('field.name')} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} error={fieldWords(save.error, 'name')} />
      <Field label={t('roles.base')} error={fieldWords(save.error, 'base')}>
        {(control) => <Select {...control} value={base} onChange={setBase} options={[{ value: NONE, label: t('roles.noBase') }, ...bases]} />}
      </Field>
      {problem && <Notice tone="bad" role="alert">{problem}</Notice>}
      {permissions.error && <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void permissions.refetch()}>{t('action.retry')}</Button>}>{errorWords(permissions.error)}</Notice>}
      {permissions.isPending && <Skeleton shape="box" className="h-64" />}
      {permissions.data && <div className="divide-y divide-line rounded-md border border-line">
        {permissions.data.map((right) => {
          const permission = right.name
          const options = givable(right, given[permission], me.permissions).map((reach) => ({ value: reach as string, label: t(`reach.${reach}`) }))
          const label = wordsFor('permission', permission, 'permission.other', { name: permission })
          const value = beyond(extra, given)[permission] ?? given[permission] ?? NONE
          const whole = given[permission] ? options : [{ value: NONE, label: t('reach.none') }, ...options]
          return (
            <div key={permission} className="flex flex-wrap items-center justify-between gap-2 px-3 py-1.5">
              <span className="text-sm">{label}</span>
              <Select label={label} className="h-8! w-40! max-sm:h-11!" value={value} disabled={whole.length < 2} onChange={(reach) => set(permission, reach)} options={whole.some((option) => option.value === value) ? whole : [...whole, { value, label: t(`reach.${value as Reach}`) }]} />
            </div>
          )
        })}
      </div>}
    </FormDialog>
  )
}
