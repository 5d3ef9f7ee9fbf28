import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { auth } from '@/api/calls'
import { demand, errorWords, fieldWords } from '@/app/errors'
import { Form } from '@/app/form'
import { useFormat } from '@/app/format'
import { activate, i18n, LOCALES, useT, type Locale } from '@/app/i18n'
import { prefer } from '@/app/preferences'
import { queryClient } from '@/app/query'
import { begin, refreshMe, useMe } from '@/app/session'
import { check, required } from '@/lib/check'
import { phoneWords } from '@/lib/phone'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'
import { Field, TextField } from '@/ui/field'
import { Card, Page } from '@/ui/page'
import { Select } from '@/ui/select'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { deviceName } from './device'
import { roleName, useRoles } from './rights'
import { NAME_RULES, NEW_PASSWORD_RULES, PASSWORD_MIN, PHONE_RULES } from './rules'

/** Oneself: name, phone, language, password, and where one is signed in. */
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
  const [phone, setPhone] = useState(phoneWords(me.phone ?? ''))
  const [language, setLanguage] = useState(i18n.locale as Locale)
  const save = useMutation({
    mutationFn: async () => {
      demand(check({ name, phone }, { name: NAME_RULES, phone: PHONE_RULES }))
      return auth.updateMe({ name: name.trim(), phone: phone.trim() || null, language })
    },
    onSuccess: async () => {
      prefer({ language })
      await Promise.all([activate(language), refreshMe().catch(() => undefined)])
      toast(i18n._('action.saved'))
    },
  })
  return (
    <Card title={t('account.me')} hint={`${me.email} · ${roleName(me.role, roles.data)}`}>
      <Form error={save.error} fields={['name', 'phone', 'language']} onSubmit={save.mutate} className="flex max-w-md flex-col gap-4">
        <TextField label={t('field.yourName')} autoComplete="name" value={name} onChange={(event) => setName(event.target.value)} error={fieldWords(save.error, 'name')} />
        <TextField label={t('people.phone')} optional={t('word.optional')} type="tel" autoComplete="tel" value={phone} onChange={(event) => setPhone(event.target.value)} error={fieldWords(save.error, 'phone')} />
        <Field label={t('preferences.language')} error={fieldWords(save.error, 'language')}>
          {(control) => <Select {...control} value={language} onChange={setLanguage} options={LOCALES.map((one) => ({ value: one.locale, label: one.name }))} />}
        </Field>
        <div><Button kind="primary" type="submit" busy={save.isPending}>{t('action.save')}</Button></div>
      </Form>
    </Card>
  )
}

function Password() {
  const t = useT()
  const me = useMe()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    mutationFn: async () => {
      demand(check({ current, next }, { current: [required], next: NEW_PASSWORD_RULES }))
      // This session goes on with the tokens of the answer; all others are over.
      await begin(await auth.changePassword(current, next))
    },
    onSuccess: () => {
      setCurrent('')
      setNext('')
      toast(t('account.passwordChanged'))
      void queryClient.invalidateQueries({ queryKey: ['session'] })
    },
  })
  return (
    <Card title={t('account.password')} hint={t('account.passwordHint')}>
      <Form error={change.error} fields={['current', 'next']} onSubmit={change.mutate} className="flex max-w-md flex-col gap-4">
        {/* Password managers file the new password under this name. */}
        <input type="email" autoComplete="username" readOnly value={me.email} hidden />
        <TextField label={t('account.currentPassword')} type="password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} error={fieldWords(change.error, 'current')} />
        <TextField label={t('account.newPassword')} type="password" autoComplete="new-password" hint={t('setup.passwordHint', { min: PASSWORD_MIN })} value={next} onChange={(event) => setNext(event.target.value)} error={fieldWords(change.error, 'next')} />
        <div><Button kind="primary" type="submit" busy={change.isPending}>{t('account.changePassword')}</Button></div>
      </Form>
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
