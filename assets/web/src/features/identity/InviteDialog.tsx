import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { invitations } from '@/api/calls'
import { demand, fieldWords } from '@/app/errors'
import { FormDialog } from '@/app/form'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { useMe } from '@/app/session'
import { atMost, check } from '@/lib/check'
import { Button } from '@/ui/button'
import { CopyField } from '@/ui/copy'
import { Dialog } from '@/ui/dialog'
import { Notice } from '@/ui/feedback'
import { Field, TextField } from '@/ui/field'
import { Select } from '@/ui/select'
import { QueueChoice } from './QueueChoice'
import { roleChoices, useRoles } from './rights'
import { EMAIL_RULES, NAME_MAX } from './rules'

const FIELDS = ['email', 'name', 'role', 'queueIds']

/** Invites somebody, then shows the link to hand over: the only time it can be seen. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useT()
  const me = useMe()
  const format = useFormat()
  const roles = useRoles()
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState('AGENT')
  const [queueIds, setQueueIds] = useState<string[]>([])
  const invite = useMutation({
    mutationFn: async () => {
      demand(check({ email, name }, { email: EMAIL_RULES, name: [atMost(NAME_MAX)] }))
      return invitations.create({ email: email.trim(), name: name.trim() || undefined, role, queueIds })
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['invitation', 'open'] }),
  })
  const problem = (field: string) => fieldWords(invite.error, field)
  const made = invite.data
  if (made) {
    return (
      <Dialog open onOpenChange={(open) => !open && onClose()} title={t('people.invite')} closeLabel={t('action.close')} footer={<Button kind="primary" onClick={onClose}>{t('action.done')}</Button>}>
        <div className="flex flex-col gap-4" role="status">
          <Field label={t('welcome.inviteLink', { email: made.email })} hint={t('people.linkUntil', { at: format.full(made.expiresAt) })}>
            {(control) => <CopyField {...control} value={made.url ?? ''} />}
          </Field>
          <Notice>{t('people.linkOnce')}</Notice>
        </div>
      </Dialog>
    )
  }
  return (
    <FormDialog title={t('people.invite')} description={t('people.inviteHint')} submit={t('people.makeLink')} error={invite.error} fields={FIELDS} busy={invite.isPending} onSubmit={invite.mutate} onClose={onClose}>
      <TextField label={t('field.email')} type="email" autoComplete="off" value={email} onChange={(event) => setEmail(event.target.value)} error={problem('email')} />
      <TextField label={t('field.name')} optional={t('word.optional')} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} error={problem('name')} />
      <Field label={t('word.role')} error={problem('role')}>
        {(control) => <Select {...control} value={role} onChange={setRole} options={roleChoices(roles.data, me.permissions)} />}
      </Field>
      <QueueChoice value={queueIds} onChange={setQueueIds} error={problem('queueIds')} />
    </FormDialog>
  )
}
