import { useMutation, useQuery } from '@tanstack/react-query'
import { useRef, useState, type SubmitEvent } from 'react'
import { auth } from '@/api/calls'
import { errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { useFormat } from '@/app/format'
import { activate, i18n, LOCALES, useT, type Locale } from '@/app/i18n'
import { prefer } from '@/app/preferences'
import { queryClient } from '@/app/query'
import { begin, refreshMe, useMe } from '@/app/session'
import { useFocusInvalid } from '@/lib/focus-invalid'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'
import { Field, TextField } from '@/ui/field'
import { Card, Page } from '@/ui/page'
import { Select } from '@/ui/select'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { deviceName } from './device'
import { roleName, useRoles } from './rights'
import { PASSWORD_MIN } from './rules'

/** Oneself: name, language, password, and where one is signed in. */
export default function Account() {
  const t = useT()
  return (
    <Page title={t('account.title')} intro={t('account.intro')}>
      <Myself />
      <Password />
      <Devices />
    </Page>
  )
}

function Myself() {
  const t = useT()
  const me = useMe()
  const roles = useRoles()
  const [name, setName] = useState(me.name)
  const [language, setLanguage] = useState(i18n.locale as Locale)
  const save = useMutation({
    mutationFn: () => auth.updateMe({ name: name.trim(), language }),
    onSuccess: async () => {
      prefer({ language })
      await Promise.all([activate(language), refreshMe().catch(() => undefined)])
      toast(i18n._('action.saved'))
    },
  })
  const form = useRef<HTMLFormElement>(null)
  useFocusInvalid(form, save.error)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Card title={t('account.me')} hint={`${me.email} · ${roleName(me.role, roles.data)}`}>
      <form ref={form} onSubmit={submit} noValidate className="flex max-w-md flex-col gap-4">
        {save.error && !shownAtFields(save.error, ['name', 'language']) && <Notice tone="bad" role="alert">{errorWords(save.error)}</Notice>}
        <TextField label={t('field.yourName')} autoComplete="name" value={name} onChange={(event) => setName(event.target.value)} error={fieldWords(save.error, 'name')} />
        <Field label={t('preferences.language')} error={fieldWords(save.error, 'language')}>
          {(control) => <Select {...control} value={language} onChange={setLanguage} options={LOCALES.map((one) => ({ value: one.locale, label: one.name }))} />}
        </Field>
        <div><Button kind="primary" type="submit" busy={save.isPending}>{t('action.save')}</Button></div>
      </form>
    </Card>
  )
}

function Password() {
  const t = useT()
  const me = useMe()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    // This session goes on with the tokens of the answer; all others are over.
    mutationFn: async () => begin(await auth.changePassword(current, next)),
    onSuccess: () => {
      setCurrent('')
      setNext('')
      toast(t('account.passwordChanged'))
      void queryClient.invalidateQueries({ queryKey: ['session'] })
    },
  })
  const form = useRef<HTMLFormElement>(null)
  useFocusInvalid(form, change.error)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <Card title={t('account.password')} hint={t('account.passwordHint')}>
      <form ref={form} onSubmit={submit} noValidate className="flex max-w-md flex-col gap-4">
        {change.error && !shownAtFields(change.error, ['current', 'next']) && <Notice tone="bad" role="alert">{errorWords(change.error)}</Notice>}
        {/* Password managers file the new password under this name. */}
        <input type="email" autoComplete="username" readOnly value={me.email} hidden />
        <TextField label={t('account.currentPassword')} type="password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} error={fieldWords(change.error, 'current')} />
        <TextField label={t('account.newPassword')} type="password" autoComplete="new-password" hint={t('setup.passwordHint', { min: PASSWORD_MIN })} value={next} onChange={(event) => setNext(event.target.value)} error={fieldWords(change.error, 'next')} />
        <div><Button kind="primary" type="submit" busy={change.isPending} disabled={current === '' || next === ''}>{t('account.changePassword')}</Button></div>
      </form>
    </Card>
  )
}

function Devices() {
  const t = useT()
  const format = useFormat()
  // No frame tells of sessions, so the list is asked for whenever it is opened.
  const sessions = useQuery({ queryKey: ['session'], queryFn: auth.sessions, refetchOnMount: 'always' })
  const end = useMutation({
    mutationFn: (id: string) => auth.endSession(id),
    onSuccess: () => toast(t('account.sessionEnded')),
    onError: (error) => toast(errorWords(error), { tone: 'bad' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['session'] }),
  })
  return (
    <Card title={t('account.sessions')} hint={t('account.sessionsHint')} className="divide-y divide-line">
      {sessions.error && <Notice tone="bad" role="alert" className="m-4" action={<Button size="sm" onClick={() => void sessions.refetch()}>{t('action.retry')}</Button>}>{errorWords(sessions.error)}</Notice>}
      {sessions.isPending && <div className="flex flex-col gap-2 p-4"><Skeleton className="h-8" /><Skeleton className="h-8" /></div>}
      {sessions.data?.map((one) => (
        <div key={one.id} className="flex flex-wrap items-center justify-between gap-3 px-4 py-2.5">
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-1.5 text-sm font-medium">
              <span title={one.userAgent}>{deviceName(one.userAgent) ?? t('account.unknownDevice')}</span>
              {one.current && <Badge tone="good">{t('account.thisDevice')}</Badge>}
            </p>
            <p className="text-xs text-text-3">
              {one.address && <>{one.address} · </>}
              <time dateTime={one.lastUsedAt} title={format.full(one.lastUsedAt)}>{t('account.lastUsed', { at: format.relative(one.lastUsedAt) })}</time>
            </p>
          </div>
          {!one.current && <Button size="sm" busy={end.isPending && end.variables === one.id} onClick={() => end.mutate(one.id)}>{t('account.endSession')}</Button>}
        </div>
      ))}
    </Card>
  )
}
