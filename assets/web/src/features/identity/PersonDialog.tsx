import { useMutation } from '@tanstack/react-query'
import { useId, useRef, useState, type SubmitEvent } from 'react'
import { cache } from '@/api/cache'
import { users } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { User } from '@/api/types'
import { errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { useT } from '@/app/i18n'
import { refreshMe, useMe } from '@/app/session'
import { useFocusInvalid } from '@/lib/focus-invalid'
import { Button } from '@/ui/button'
import { Switch } from '@/ui/controls'
import { Dialog } from '@/ui/dialog'
import { Notice } from '@/ui/feedback'
import { Field, TextField } from '@/ui/field'
import { Select } from '@/ui/select'
import { toast } from '@/ui/toasts'
import { changesOf, formOf, wholeOf, type PersonForm } from './person'
import { QueueChoice } from './QueueChoice'
import { roleChoices, useRoles } from './rights'
import { PASSWORD_MIN } from './rules'

const FIELDS = ['name', 'email', 'password', 'role', 'queueIds', 'extension', 'phone', 'maxTickets']

/** Makes a colleague with a first password, or changes one. */
export function PersonDialog({ user, onClose }: { user: User | null; onClose: () => void }) {
  const t = useT()
  const me = useMe()
  const roles = useRoles()
  const formId = useId()
  const [form, setForm] = useState<PersonForm>(() => formOf(user))
  const set = (change: Partial<PersonForm>) => setForm((current) => ({ ...current, ...change }))
  const save = useMutation({
    mutationFn: () => (user ? users.update(user.id, changesOf(user, form)) : users.create(wholeOf(form))),
    onSuccess: (saved) => {
      cache.put('user', saved)
      if (saved.id === me.id) void refreshMe().catch(() => undefined)
      toast(user ? t('action.saved') : t('people.created', { name: saved.name }))
      onClose()
    },
  })
  const element = useRef<HTMLFormElement>(null)
  useFocusInvalid(element, save.error)
  const problem = (field: string) => fieldWords(save.error, field)
  const taken = save.error instanceof ApiError && save.error.code === 'taken'
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={user ? t('people.edit', { name: user.name }) : t('people.create')}
      description={user ? undefined : t('people.createHint')}
      closeLabel={t('action.close')}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" form={formId} busy={save.isPending}>{user ? t('action.save') : t('people.create')}</Button>
        </>
      }
    >
      <form id={formId} ref={element} onSubmit={submit} noValidate className="flex flex-col gap-4">
        {save.error && !taken && !shownAtFields(save.error, FIELDS) && <Notice tone="bad" role="alert">{errorWords(save.error)}</Notice>}
        <TextField label={t('field.name')} autoComplete="off" value={form.name} onChange={(event) => set({ name: event.target.value })} error={problem('name')} />
        <TextField label={t('field.email')} type="email" autoComplete="off" value={form.email} onChange={(event) => set({ email: event.target.value })} error={problem('email') ?? (taken ? t('people.emailTaken') : undefined)} />
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
      </form>
    </Dialog>
  )
}
