import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { invitations } from '@/api/calls'
import { ApiError } from '@/api/client'
import { demand, errorWords, fieldWords } from '@/app/errors'
import { Form } from '@/app/form'
import { activate, localeFor, useT } from '@/app/i18n'
import { preferences } from '@/app/preferences'
import { go } from '@/app/go'
import { begin } from '@/app/session'
import { check, required } from '@/lib/check'
import { Button } from '@/ui/button'
import { Skeleton } from '@/ui/feedback'
import { TextField } from '@/ui/field'
import { Door } from './Door'
import { NAME_RULES, NEW_PASSWORD_RULES, PASSWORD_MIN } from './rules'

/** A colleague follows the link of an invitation, says a name and a password, and is in. */
export default function AcceptInvitation() {
  const t = useT()
  const { token } = useParams({ strict: false }) as { token: string }
  const invitation = useQuery({ queryKey: ['invitation', token], queryFn: () => invitations.view(token), retry: false })
  const [name, setName] = useState<string | null>(null)
  const [password, setPassword] = useState('')
  const shownName = name ?? invitation.data?.name ?? ''
  const language = invitation.data?.language
  useEffect(() => {
    if (language && preferences.get().language === null) void activate(localeFor([...navigator.languages, language]))
  }, [language])
  const accept = useMutation({
    mutationFn: async () => {
      // Whoever signs in elsewhere already gives the password they have.
      demand(check({ name: shownName, password }, { name: NAME_RULES, password: invitation.data?.hasAccount ? [required] : NEW_PASSWORD_RULES }))
      await begin(await invitations.accept(token, { name: shownName.trim(), password }))
    },
    onSuccess: () => go('/inbox/mine', true),
  })
  if (invitation.error) {
    const gone = invitation.error instanceof ApiError && invitation.error.status < 500 && invitation.error.status > 0
    return (
      <Door title={gone ? t('invitation.goneTitle') : t('splash.unreachable')} intro={gone ? t('invitation.goneHint') : errorWords(invitation.error)}>
        {gone ? <Link to="/login" className="text-sm font-medium text-accent-text underline underline-offset-2">{t('signIn.title')}</Link> : <Button onClick={() => void invitation.refetch()}>{t('action.retry')}</Button>}
      </Door>
    )
  }
  const firm = invitation.data?.company
  const known = invitation.data?.hasAccount ?? false
  return (
    <Door title={firm ? t('invitation.title', { firm }) : t('invitation.titlePlain')} intro={known ? t('invitation.introKnown') : t('invitation.intro')}>
      {invitation.data ? (
        <Form error={accept.error} fields={['name', 'password']} onSubmit={accept.mutate}>
          <TextField label={t('field.email')} type="email" autoComplete="username" readOnly value={invitation.data.email} className="text-text-3" />
          <TextField label={t('field.name')} autoComplete="name" autoFocus value={shownName} onChange={(event) => setName(event.target.value)} error={fieldWords(accept.error, 'name')} />
          <TextField label={known ? t('field.password') : t('field.newPassword')} type="password" autoComplete={known ? 'current-password' : 'new-password'} hint={known ? t('invitation.knownHint') : t('setup.passwordHint', { min: PASSWORD_MIN })} value={password} onChange={(event) => setPassword(event.target.value)} error={fieldWords(accept.error, 'password')} />
          <Button kind="primary" size="lg" type="submit" busy={accept.isPending} className="w-full">{t('invitation.submit')}</Button>
        </Form>
      ) : (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
        </div>
      )}
    </Door>
  )
}
