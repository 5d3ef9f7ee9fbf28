import { useMutation, useQuery } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useEffect, useId, useMemo, useRef, useState, type ReactNode, type SubmitEvent } from 'react'
import { setup } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { SetupRequest } from '@/api/types'
import { demand, errorWords, fieldWords } from '@/app/errors'
import { activate, i18n, LOCALES, localeFor, useT, type Locale, type MessageId } from '@/app/i18n'
import { preferences, prefer } from '@/app/preferences'
import { go } from '@/app/go'
import { begin } from '@/app/session'
import { knownZone } from '@/features/settings/firm-facts'
import { atMost, check, required, type Rule } from '@/lib/check'
import { cx } from '@/lib/cx'
import { useFocusInvalid } from '@/lib/focus-invalid'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'
import { Field, Input, TextField } from '@/ui/field'
import { CheckIcon } from '@/ui/icons'
import { Select } from '@/ui/select'
import { Door } from './Door'
import { COUNTRIES, COUNTRY_OF_LANGUAGE, COUNTRY_OF_ZONE, EMAIL_RULES, NAME_RULES, NEW_PASSWORD_RULES, PASSWORD_MIN } from './rules'

/** What each field must be like before its step is left. */
const RULES: Record<string, readonly Rule[]> = { code: [required], timezone: [required, knownZone], 'owner.name': NAME_RULES, 'owner.email': EMAIL_RULES, 'owner.password': NEW_PASSWORD_RULES, 'company.name': NAME_RULES, 'queue.name': [atMost(60)] }

/** The steps, and which fields of the server's answer belong to each. */
const STEPS: readonly { id: 'code' | 'place' | 'owner' | 'firm'; title: MessageId; intro: MessageId; fields: readonly string[] }[] = [
  { id: 'code', title: 'setup.codeTitle', intro: 'setup.codeIntro', fields: ['code'] },
  { id: 'place', title: 'setup.placeTitle', intro: 'setup.placeIntro', fields: ['language', 'timezone', 'country'] },
  { id: 'owner', title: 'setup.ownerTitle', intro: 'setup.ownerIntro', fields: ['owner.name', 'owner.email', 'owner.password'] },
  { id: 'firm', title: 'setup.firmTitle', intro: 'setup.firmIntro', fields: ['company.name', 'queue.name'] },
]

/** What was typed survives a reload of the tab; the password and the code never touch storage. */
const KEPT = 'farol.private.setup'
interface Kept {
  step: number
  timezone: string
  country: string
  name: string
  email: string
  company: string
  queue: string
}

function firstGuess(): Kept {
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'Europe/Paris'
  const guess = { step: 0, timezone, country: COUNTRY_OF_ZONE[timezone] ?? COUNTRY_OF_LANGUAGE[i18n.locale] ?? 'FR', name: '', email: '', company: '', queue: '' }
  try {
    return { ...guess, ...(JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as Partial<Kept>) }
  } catch {
    return guess
  }
}

export default function Setup() {
  const t = useT()
  const search = useSearch({ strict: false }) as { code?: string }
  const state = useQuery({ queryKey: ['setup'], queryFn: setup.state, retry: (failures, error) => failures < 3 && error instanceof ApiError && error.unknownOutcome })
  const suggested = state.data?.suggestedLanguage
  useEffect(() => {
    if (suggested && preferences.get().language === null) void activate(localeFor([...navigator.languages, suggested]))
  }, [suggested])
  useEffect(() => {
    if (state.error instanceof ApiError && state.error.status === 404) go('/login', true)
  }, [state.error])
  if (!state.data) {
    return (
      <Door title={state.error && state.error instanceof ApiError && state.error.status !== 404 ? t('splash.unreachable') : t('setup.title')} wide>
        {state.error ? <Button onClick={() => void state.refetch()}>{t('action.retry')}</Button> : <Skeleton className="h-40" />}
      </Door>
    )
  }
  return <Wizard givenCode={search.code ?? ''} insecure={state.data.insecure ?? false} />
}

function Wizard({ givenCode, insecure }: { givenCode: string; insecure: boolean }) {
  const t = useT()
  const [kept, setKept] = useState<Kept>(firstGuess)
  const [code, setCode] = useState(givenCode)
  const [password, setPassword] = useState('')
  const [step, setStep] = useState(0)
  const [refusal, setRefusal] = useState<unknown>(null)
  const keep = (change: Partial<Kept>) =>
    setKept((current) => {
      const next = { ...current, ...change }
      sessionStorage.setItem(KEPT, JSON.stringify(next))
      return next
    })
  const tryCode = useMutation({ mutationFn: () => setup.check(code.trim()), onSuccess: () => setStep((now) => Math.max(now, Math.min(kept.step, 2), 1)) })
  const create = useMutation({
    mutationFn: async () => {
      const body: SetupRequest = {
        code: code.trim(),
        language: localeFor([i18n.locale]),
        timezone: kept.timezone,
        country: kept.country,
        owner: { name: kept.name.trim(), email: kept.email.trim(), password },
        company: { name: kept.company.trim() },
        queue: { name: kept.queue.trim() || t('setup.queueDefault') },
      }
      await begin(await setup.create(body))
    },
    onSuccess: () => {
      sessionStorage.removeItem(KEPT)
      go('/welcome', true)
    },
    // The first step with a field the server refused is the one to show.
    onError: (error) => {
      if (!(error instanceof ApiError)) return
      if (error.status === 403) setStep(0)
      const at = STEPS.findIndex((candidate) => error.fields.some((problem) => candidate.fields.includes(problem.field)))
      if (at >= 0) setStep(at)
    },
  })
  const checkCode = tryCode.mutate
  useEffect(() => {
    if (givenCode) checkCode()
  }, [givenCode, checkCode])

  const form = useRef<HTMLFormElement>(null)
  useFocusInvalid(form, refusal ?? create.error)
  const current = STEPS[step]!
  const values: Record<string, string> = { code, timezone: kept.timezone, 'owner.name': kept.name, 'owner.email': kept.email, 'owner.password': password, 'company.name': kept.company, 'queue.name': kept.queue }
  const problem = (field: string) => fieldWords(refusal ?? create.error, field)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setRefusal(null)
    try {
      demand(check(values, Object.fromEntries(current.fields.flatMap((field) => (RULES[field] ? [[field, RULES[field]]] : [])))))
    } catch (error) {
      setRefusal(error)
      return
    }
    if (current.id === 'code') tryCode.mutate()
    else if (step === STEPS.length - 1) create.mutate()
    else {
      keep({ step: step + 1 })
      setStep(step + 1)
    }
  }
  const failure = current.id === 'code' ? tryCode.error ?? (create.error instanceof ApiError && create.error.status === 403 ? create.error : null) : create.error
  const words = failure && !(failure instanceof ApiError && failure.fields.length > 0) ? (failure instanceof ApiError && failure.status === 403 ? t('setup.codeWrong') : errorWords(failure)) : null

  return (
    <Door title={t(current.title)} intro={t(current.intro)} wide aside={insecure ? t('setup.insecure') : undefined}>
      <Progress step={step} />
      <form ref={form} onSubmit={submit} noValidate className="flex flex-col gap-4" key={current.id}>
        {words && <Notice tone="bad" role="alert">{words}</Notice>}
        {current.id === 'code' && (
          <TextField label={t('setup.code')} hint={t('setup.codeHint')} autoFocus autoComplete="off" spellCheck={false} className="font-mono tracking-wider" value={code} onChange={(event) => setCode(event.target.value)} error={problem('code')} />
        )}
        {current.id === 'place' && <Place kept={kept} keep={keep} problem={problem} />}
        {current.id === 'owner' && (
          <>
            <TextField label={t('field.yourName')} autoFocus autoComplete="name" value={kept.name} onChange={(event) => keep({ name: event.target.value })} error={problem('owner.name')} />
            <TextField label={t('field.email')} type="email" autoComplete="username" value={kept.email} onChange={(event) => keep({ email: event.target.value })} error={problem('owner.email')} />
            <TextField label={t('field.newPassword')} type="password" autoComplete="new-password" hint={t('setup.passwordHint', { min: PASSWORD_MIN })} value={password} onChange={(event) => setPassword(event.target.value)} error={problem('owner.password')} />
          </>
        )}
        {current.id === 'firm' && (
          <>
            <TextField label={t('setup.company')} autoFocus autoComplete="organization" value={kept.company} onChange={(event) => keep({ company: event.target.value })} error={problem('company.name')} />
            <TextField label={t('setup.queue')} hint={t('setup.queueHint')} placeholder={t('setup.queueDefault')} value={kept.queue} onChange={(event) => keep({ queue: event.target.value })} error={problem('queue.name')} />
          </>
        )}
        <div className="mt-2 flex items-center justify-between">
          {step > 1 ? <Button kind="quiet" size="lg" onClick={() => setStep(step - 1)}>{t('action.back')}</Button> : <span />}
          <Button kind="primary" size="lg" type="submit" busy={tryCode.isPending || create.isPending}>
            {step === STEPS.length - 1 ? t('setup.finish') : t('action.continue')}
          </Button>
        </div>
      </form>
    </Door>
  )
}

function Progress({ step }: { step: number }) {
  const t = useT()
  return (
    <ol className="mb-6 flex gap-2" aria-label={t('setup.progress', { step: step + 1, of: STEPS.length })}>
      {STEPS.map((one, index) => (
        <li key={one.id} aria-current={index === step ? 'step' : undefined} className="flex flex-1 flex-col gap-1.5">
          <span className={cx('h-1 rounded-full transition-colors', index < step ? 'bg-text' : index === step ? 'bg-lamp' : 'bg-line')} />
          <span className={cx('flex items-center gap-1 text-2xs', index === step ? 'font-medium text-text' : 'text-text-3')}>
            {index < step && <CheckIcon size={11} strokeWidth={2.4} />}
            {t(`setup.step.${one.id}`)}
          </span>
        </li>
      ))}
    </ol>
  )
}

function Place({ kept, keep, problem }: { kept: Kept; keep: (change: Partial<Kept>) => void; problem: (field: string) => string | undefined }): ReactNode {
  const t = useT()
  const zonesId = useId()
  const locale = i18n.locale
  const countries = useMemo(() => {
    const names = new Intl.DisplayNames(locale, { type: 'region' })
    return COUNTRIES.map((code) => ({ value: code as string, label: names.of(code) ?? code })).sort((a, b) => a.label.localeCompare(b.label, locale))
  }, [locale])
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), [])
  return (
    <>
      <Field label={t('preferences.language')} error={problem('language')}>
        {(control) => (
          <Select
            {...control}
            value={locale as Locale}
            onChange={(language) => {
              prefer({ language })
              void activate(language)
            }}
            options={LOCALES.map((one) => ({ value: one.locale, label: one.name }))}
          />
        )}
      </Field>
      <Field label={t('field.country')} error={problem('country')}>
        {(control) => <Select {...control} value={kept.country} onChange={(country) => keep({ country })} options={countries} />}
      </Field>
      <Field label={t('field.timezone')} hint={t('setup.timezoneHint')} error={problem('timezone')}>
        {(control) => (
          <>
            <Input {...control} list={zonesId} value={kept.timezone} onChange={(event) => keep({ timezone: event.target.value })} spellCheck={false} />
            <datalist id={zonesId}>{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>
          </>
        )}
      </Field>
    </>
  )
}
