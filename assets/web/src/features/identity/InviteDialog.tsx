import { useMutation } from '@tanstack/react-query'
import { useId, useRef, useState, type SubmitEvent } from 'react'
import { invitations } from '@/api/calls'
import { ApiError } from '@/api/client'
import { errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { useMe } from '@/app/session'
import { useFocusInvalid } from '@/lib/focus-invalid'
import { Button } from '@/ui/button'
import { CopyField } from '@/ui/copy'
import { Dialog } from '@/ui/dialog'
import { Notice } from '@/ui/feedback'
import { Field, TextField } from '@/ui/field'
import { Select } from '@/ui/select'
import { QueueChoice } from './QueueChoice'
import { roleChoices, useRoles } from './rights'

const FIELDS = ['email', 'name', 'role', 'queueIds']

/** Invites somebody, then shows the link to hand over: the only time it can be seen. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useT()
  const me = useMe()
  const format = useFormat()
  const roles = useRoles()
  const formId = useId()
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState('AGENT')
  const [queueIds, setQueueIds] = useState<string[]>([])
  const invite = useMutation({
    mutationFn: () => invitations.create({ email: email.trim(), name: name.trim() || undefined, role, queueIds }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['invitation', 'open'] }),
  })
  const element = useRef<HTMLFormElement>(null)
  useFocusInvalid(element, invite.error)
  const problem = (field: string) => fieldWords(invite.error, field)
  const taken = invite.error instanceof ApiError && invite.error.code === 'taken'
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    invite.mutate()
  }
  const made = invite.data
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('people.invite')}
      description={made ? undefined : t('people.inviteHint')}
      closeLabel={t('action.close')}
      footer={
        made ? (
          <Button kind="primary" onClick={onClose}>{t('action.done')}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('action.cancel')}</Button>
            <Button kind="primary" type="submit" form={formId} busy={invite.isPending}>{t('people.makeLink')}</Button>
          </>
        )
      }
    >
      {made ? (
        <div className="flex flex-col gap-4" role="status">
          <Field label={t('welcome.inviteLink', { email: made.email })} hint={t('people.linkUntil', { at: format.full(made.expiresAt) })}>
            {(control) => <CopyField {...control} value={made.url ?? ''} />}
          </Field>
          <Notice>{t('people.linkOnce')}</Notice>
        </div>
      ) : (
        <form id={formId} ref={element} onSubmit={submit} noValidate className="flex flex-col gap-4">
          {invite.error && !taken && !shownAtFields(invite.error, FIELDS) && <Notice tone="bad" role="alert">{errorWords(invite.error)}</Notice>}
          <TextField label={t('field.email')} type="email" autoComplete="off" value={email} onChange={(event) => setEmail(event.target.value)} error={problem('email') ?? (taken ? t('people.emailTaken') : undefined)} />
          <TextField label={t('field.name')} optional={t('word.optional')} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} error={problem('name')} />
          <Field label={t('word.role')} error={problem('role')}>
            {(control) => <Select {...control} value={role} onChange={setRole} options={roleChoices(roles.data, me.permissions)} />}
          </Field>
          <QueueChoice value={queueIds} onChange={setQueueIds} error={problem('queueIds')} />
        </form>
      )}
    </Dialog>
  )
}
