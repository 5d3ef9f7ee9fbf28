import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { cache } from '@/api/cache'
import { users } from '@/api/calls'
import type { User } from '@/api/types'
import { demand, fieldWords } from '@/app/errors'
import { FormDialog } from '@/app/form'
import { useT } from '@/app/i18n'
import { refreshMe, useMe } from '@/app/session'
import { Switch } from '@/ui/controls'
import { Field, TextField } from '@/ui/field'
import { Select } from '@/ui/select'
import { toast } from '@/ui/toasts'
import { changesOf, formOf, problemsOf, wholeOf, type PersonForm } from './person'
import { QueueChoice } from './QueueChoice'
import { roleChoices, useRoles } from './rights'
import { PASSWORD_MIN } from './rules'

const FIELDS = ['name', 'email', 'password', 'role', 'queueIds', 'extension', 'phone', 'maxTickets']

/** Makes a colleague with a first password, or changes one. */
export function PersonDialog({ user, onClose }: { user: User | null; onClose: () => void }) {
  const t = useT()
  const me = useMe()
  const roles = useRoles()
  const [form, setForm] = useState<PersonForm>(() => formOf(user))
  const set = (change: Partial<PersonForm>) => setForm((current) => ({ ...current, ...change }))
  const save = useMutation({
    mutationFn: async () => {
      demand(problemsOf(form, !user))
      return user ? users.update(user.id, changesOf(user, form)) : users.create(wholeOf(form))
    },
    onSuccess: (saved) => {
      cache.put('user', saved)
      if (saved.id === me.id) void refreshMe().catch(() => undefined)
      toast(user ? t('action.saved') : t('people.created', { name: saved.name }))
      onClose()
    },
  })
  const problem = (field: string) => fieldWords(save.error, field)
  return (
    <FormDialog
      title={user ? t('people.edit', { name: user.name }) : t('people.create')}
      description={user ? undefined : t('people.createHint')}
      submit={user ? undefined : t('people.create')}
      error={save.error}
      fields={FIELDS}
      busy={save.isPending}
      onSubmit={save.mutate}
      onClose={onClose}
    >
      <TextField label={t('field.name')} autoComplete="off" value={form.name} onChange={(event) => set({ name: event.target.value })} error={problem('name')} />
      <TextField label={t('field.email')} type="email" autoComplete="off" value={form.email} onChange={(event) => set({ email: event.target.value })} error={problem('email')} />
      {user?.id !== me.id && (
        <TextField
          label={user ? t('account.newPassword') : t('people.firstPassword')}
          optional={user ? t('word.optional') : undefined}
          type="password"
          autoComplete="new-password"
          hint={user ? t('people.passwordEnds') : t('setup.passwordHint', { min: PASSWORD_MIN })}
          value={form.password}
          onChange={(event) => set({ password: event.target.value })}
          error={problem('password')}
        />
      )}
      <Field label={t('word.role')} error={problem('role')}>
        {(control) => <Select {...control} value={form.role} onChange={(role) => set({ role })} options={roleChoices(roles.data, me.permissions, user?.role)} />}
      </Field>
      <QueueChoice value={form.queueIds} onChange={(queueIds) => set({ queueIds })} error={problem('queueIds')} />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField label={t('people.extension')} optional={t('word.optional')} inputMode="tel" autoComplete="off" value={form.extension} onChange={(event) => set({ extension: event.target.value })} error={problem('extension')} />
        <TextField label={t('people.phone')} optional={t('word.optional')} type="tel" autoComplete="off" value={form.phone} onChange={(event) => set({ phone: event.target.value })} error={problem('phone')} />
      </div>
      <TextField label={t('people.maxTickets')} hint={t('people.maxTicketsHint')} inputMode="numeric" autoComplete="off" value={form.maxTickets} onChange={(event) => set({ maxTickets: event.target.value.replace(/\D/g, '') })} error={problem('maxTickets')} />
      {user && user.id !== me.id && <Switch checked={form.isActive} onChange={(isActive) => set({ isActive })} label={t('people.maySignIn')} hint={t('people.maySignInHint')} />}
    </FormDialog>
  )
}
