import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useEffect, useRef, useState, type SubmitEvent } from 'react'
import { invitations } from '@/api/calls'
import { ApiError } from '@/api/client'
import { errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { activate, localeFor, useT } from '@/app/i18n'
import { preferences } from '@/app/preferences'
import { go } from '@/app/router'
import { begin } from '@/app/session'
import { useFocusInvalid } from '@/lib/focus-invalid'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'
import { TextField } from '@/ui/field'
import { Door } from './Door'
import { PASSWORD_MIN } from './rules'

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
    mutationFn: async () => begin(await invitations.accept(token, { name: shownName.trim(), password })),
    onSuccess: () => go('/inbox/mine', true),
  })
  const form = useRef<HTMLFormElement>(null)
  useFocusInvalid(form, accept.error)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    accept.mutate()
  }
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
        <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-4">
          {accept.error && !shownAtFields(accept.error, ['name', 'password']) && <Notice tone="bad" role="alert">{errorWords(accept.error)}</Notice>}
          <TextField label={t('field.email')} type="email" autoComplete="username" readOnly value={invitation.data.email} className="text-text-3" />
          <TextField label={t('field.name')} autoComplete="name" autoFocus value={shownName} onChange={(event) => setName(event.target.value)} error={fieldWords(accept.error, 'name')} />
          <TextField label={known ? t('field.password') : t('field.newPassword')} type="password" autoComplete={known ? 'current-password' : 'new-password'} hint={known ? t('invitation.knownHint') : t('setup.passwordHint', { min: PASSWORD_MIN })} value={password} onChange={(event) => setPassword(event.target.value)} error={fieldWords(accept.error, 'password')} />
          <Button kind="primary" size="lg" type="submit" busy={accept.isPending} className="w-full">{t('invitation.submit')}</Button>
        </form>
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
