import { useMutation } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useRef, useState, type SubmitEvent } from 'react'
import { ApiError } from '@/api/client'
import { errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { useT } from '@/app/i18n'
import { ownPath } from '@/app/own-path'
import { go } from '@/app/router'
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
  const [otp, setOtp] = useState('')
  const emailRef = useRef<HTMLInputElement>(null)
  const passwordRef = useRef<HTMLInputElement>(null)
  const attempt = useMutation({
    mutationFn: () => signIn(email.trim(), password, otp || undefined),
    onSuccess: () => go(ownPath(next), true),
    onError: () => passwordRef.current?.select(),
  })
  const wantsOtp = attempt.error instanceof ApiError && attempt.error.code === 'otp_required'
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (email.trim() === '') emailRef.current?.focus()
    else if (password === '') passwordRef.current?.focus()
    else attempt.mutate()
  }
  const quiet = wantsOtp || shownAtFields(attempt.error, ['email', 'password', 'otp'])
  return (
    <Door title={t('signIn.title')} intro={t('signIn.intro')}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        {attempt.error && !quiet ? (
          <Notice tone="bad" role="alert">{errorWords(attempt.error)}</Notice>
        ) : (
          session.status === 'out' && session.why === 'expired' && <Notice role="status">{t('signIn.expired')}</Notice>
        )}
        <TextField ref={emailRef} label={t('field.email')} type="email" name="email" autoComplete="username" autoFocus required value={email} onChange={(event) => setEmail(event.target.value)} error={fieldWords(attempt.error, 'email')} />
        <TextField ref={passwordRef} label={t('field.password')} type="password" name="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} error={fieldWords(attempt.error, 'password')} />
        {wantsOtp && (
          <TextField label={t('field.otp')} hint={t('signIn.otpHint')} inputMode="numeric" autoComplete="one-time-code" autoFocus value={otp} onChange={(event) => setOtp(event.target.value)} />
        )}
        <Button kind="primary" size="lg" type="submit" busy={attempt.isPending} className="mt-1 w-full">{t('signIn.submit')}</Button>
      </form>
    </Door>
  )
}
