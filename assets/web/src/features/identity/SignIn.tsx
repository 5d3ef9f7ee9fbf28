import { useMutation } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useRef, useState, type SubmitEvent } from 'react'
import { ApiError } from '@/api/client'
import { errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { useT } from '@/app/i18n'
import { ownPath } from '@/app/own-path'
import { go } from '@/app/go'
import { signIn, useSession } from '@/app/session'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/feedback'
import { TextField } from '@/ui/field'
import { Door } from './Door'

export default function SignIn() {
  const t = useT()
  const session = useSession()
  const { next } = useSearch({ strict: false }) as { next?: string }
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const emailRef = useRef<HTMLInputElement>(null)
  const passwordRef = useRef<HTMLInputElement>(null)
  const attempt = useMutation({
    mutationFn: () => signIn(email.trim(), password),
    onSuccess: () => go(ownPath(next), true),
    onError: (error) => {
      // A new box stands where the old one was: it has nobody yet who could sign in.
      if (error instanceof ApiError && error.code === 'setup_required') go('/setup', true)
      else passwordRef.current?.select()
    },
  })
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (email.trim() === '') emailRef.current?.focus()
    else if (password === '') passwordRef.current?.focus()
    else attempt.mutate()
  }
  const quiet = shownAtFields(attempt.error, ['email', 'password'])
  return (
    <Door title={t('signIn.title')} intro={t('signIn.intro')} aside={t('signIn.forgot')}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        {attempt.error && !quiet ? (
          <Notice tone="bad" role="alert">{errorWords(attempt.error)}</Notice>
        ) : (
          session.status === 'out' && session.why === 'expired' && <Notice role="status">{t('signIn.expired')}</Notice>
        )}
        <TextField ref={emailRef} label={t('field.email')} type="email" name="email" autoComplete="username" autoFocus required value={email} onChange={(event) => setEmail(event.target.value)} error={fieldWords(attempt.error, 'email')} />
        <TextField ref={passwordRef} label={t('field.password')} type="password" name="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} error={fieldWords(attempt.error, 'password')} />
        <Button kind="primary" size="lg" type="submit" busy={attempt.isPending} className="mt-1 w-full">{t('signIn.submit')}</Button>
      </form>
    </Door>
  )
}
