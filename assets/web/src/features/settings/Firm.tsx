import { useMutation, useQuery } from '@tanstack/react-query'
import { useId, useMemo, useState } from 'react'
import { firm as calls } from '@/api/calls'
import type { Firm as FirmFacts } from '@/api/types'
import { demand, errorWords, fieldWords } from '@/app/errors'
import { Form } from '@/app/form'
import { i18n, LOCALES, useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { can, refreshMe } from '@/app/session'
import { COUNTRIES, NAME_RULES } from '@/features/identity/rules'
import { check, required } from '@/lib/check'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'
import { Field, Input, TextField } from '@/ui/field'
import { Card, Page } from '@/ui/page'
import { Select } from '@/ui/select'
import { toast } from '@/ui/toasts'
import { CURRENCIES, knownZone, namedCodes, PROTOCOL_FORMATS, protocolExample } from './firm-facts'
import { SettingsList } from './SettingsList'

const FIELDS = ['name', 'language', 'timezone', 'country', 'currency', 'protocolFormat'] as const

/** The firm: its name, place and money, and how it wants things to work. */
export default function Firm() {
  const t = useT()
  // `tenant.updated` asks for it again.
  const firm = useQuery({ queryKey: ['tenant'], queryFn: calls.get })
  return (
    <Page title={t('firm.title')} intro={t('firm.intro')}>
      {firm.error && <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void firm.refetch()}>{t('action.retry')}</Button>}>{errorWords(firm.error)}</Notice>}
      {firm.isPending && <Skeleton className="h-80" />}
      {firm.data && <Facts firm={firm.data} />}
      <SettingsList />
    </Page>
  )
}

function Facts({ firm }: { firm: FirmFacts }) {
  const t = useT()
  const zonesId = useId()
  const locale = i18n.locale
  const may = can('tenant.manage')
  // What one types lies over what is stored: a colleague's change meanwhile moves only what one left alone.
  const [typed, setTyped] = useState<Partial<FirmFacts>>({})
  const facts = { ...firm, ...typed }
  const set = (change: Partial<FirmFacts>) => setTyped((current) => ({ ...current, ...change }))
  const save = useMutation({
    mutationFn: async () => {
      demand(check({ name: facts.name, timezone: facts.timezone }, { name: NAME_RULES, timezone: [required, knownZone] }))
      // Only what was touched: a colleague may be changing the rest.
      return calls.update(Object.fromEntries(FIELDS.filter((field) => facts[field] !== firm[field]).map((field) => [field, facts[field].trim()])))
    },
    onSuccess: (saved) => {
      queryClient.setQueryData(['tenant'], saved)
      setTyped({})
      void refreshMe().catch(() => undefined)
      toast(t('action.saved'))
    },
  })
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), [])
  const countries = useMemo(() => namedCodes(COUNTRIES, firm.country, 'region', locale), [firm.country, locale])
  const currencies = useMemo(() => namedCodes(CURRENCIES, firm.currency, 'currency', locale), [firm.currency, locale])
  const [now] = useState(() => new Date())
  const formats = useMemo(() => {
    const known: readonly string[] = PROTOCOL_FORMATS
    return (known.includes(firm.protocolFormat) ? known : [...known, firm.protocolFormat]).map((value) => ({ value, label: `${value} · ${protocolExample(value, now, firm.timezone)}` }))
  }, [firm.protocolFormat, firm.timezone, now])
  const problem = (field: (typeof FIELDS)[number]) => fieldWords(save.error, field)
  return (
    <Card title={t('firm.facts')} hint={may ? undefined : t('firm.readOnly')}>
      <Form error={save.error} fields={FIELDS} onSubmit={save.mutate}>
        <fieldset disabled={!may} className="grid gap-4 sm:grid-cols-2">
          <legend className="sr-only">{t('firm.facts')}</legend>
          <TextField fieldClass="sm:col-span-2" label={t('setup.company')} autoComplete="organization" value={facts.name} onChange={(event) => set({ name: event.target.value })} error={problem('name')} />
          <Field label={t('firm.language')} hint={t('firm.languageHint')} error={problem('language')}>
            {(control) => <Select {...control} disabled={!may} value={facts.language} onChange={(language) => set({ language })} options={LOCALES.map((one) => ({ value: one.locale, label: one.name }))} />}
          </Field>
          <Field label={t('field.timezone')} hint={t('setup.timezoneHint')} error={problem('timezone')}>
            {(control) => (
              <>
                <Input {...control} list={zonesId} spellCheck={false} value={facts.timezone} onChange={(event) => set({ timezone: event.target.value })} />
                <datalist id={zonesId}>{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>
              </>
            )}
          </Field>
          <Field label={t('field.country')} error={problem('country')}>
            {(control) => <Select {...control} disabled={!may} value={facts.country} onChange={(country) => set({ country })} options={countries} />}
          </Field>
          <Field label={t('firm.currency')} error={problem('currency')}>
            {(control) => <Select {...control} disabled={!may} value={facts.currency} onChange={(currency) => set({ currency })} options={currencies} />}
          </Field>
          <Field className="sm:col-span-2" label={t('firm.protocolFormat')} hint={t('firm.protocolHint')} error={problem('protocolFormat')}>
            {(control) => <Select {...control} disabled={!may} value={facts.protocolFormat} onChange={(protocolFormat) => set({ protocolFormat })} options={formats} />}
          </Field>
          {may && <div className="sm:col-span-2"><Button kind="primary" type="submit" busy={save.isPending}>{t('action.save')}</Button></div>}
        </fieldset>
      </Form>
    </Card>
  )
}
