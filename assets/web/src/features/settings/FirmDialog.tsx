import { useMutation } from '@tanstack/react-query'
import { useId, useMemo, useState } from 'react'
import { firms } from '@/api/calls'
import type { Language, NewFirm } from '@/api/types'
import { demand, fieldWords } from '@/app/errors'
import { FormDialog } from '@/app/form'
import { i18n, LOCALES, localeFor, useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { refreshMe, useMe } from '@/app/session'
import { COUNTRIES, NAME_RULES } from '@/features/identity/rules'
import { atMost, check, required } from '@/lib/check'
import { Field, Input, TextField } from '@/ui/field'
import { Select } from '@/ui/select'
import { toast } from '@/ui/toasts'
import { knownZone, namedCodes } from './firm-facts'

const FIELDS = ['company.name', 'language', 'country', 'timezone', 'queue.name']

/** Makes another firm, with its first queue; whoever makes it is its first member. */
export function FirmDialog({ onClose }: { onClose: () => void }) {
  const t = useT()
  const zonesId = useId()
  const { tenant } = useMe()
  const locale = i18n.locale
  const [form, setForm] = useState<NewFirm>({ name: '', language: localeFor([tenant.language]), country: tenant.country, timezone: tenant.timezone, queue: '' })
  const set = (change: Partial<NewFirm>) => setForm((current) => ({ ...current, ...change }))
  const save = useMutation({
    mutationFn: async () => {
      const { name, timezone, queue } = form
      demand(check({ 'company.name': name, timezone, 'queue.name': queue }, { 'company.name': NAME_RULES, timezone: [required, knownZone], 'queue.name': [atMost(60)] }))
      return firms.create({ ...form, name: name.trim(), timezone: timezone.trim(), queue: queue.trim() || t('setup.queueDefault') })
    },
    onSuccess: async (made) => {
      toast(t('firms.created', { name: made.name }))
      onClose()
      // From now on one may go over to it.
      await Promise.all([queryClient.invalidateQueries({ queryKey: ['firms'] }), refreshMe().catch(() => undefined)])
    },
  })
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), [])
  const countries = useMemo(() => namedCodes(COUNTRIES, tenant.country, 'region', locale), [tenant.country, locale])
  const problem = (field: string) => fieldWords(save.error, field)
  return (
    <FormDialog title={t('firms.create')} description={t('firms.createHint')} submit={t('firms.create')} error={save.error} fields={FIELDS} busy={save.isPending} onSubmit={save.mutate} onClose={onClose}>
      <TextField label={t('setup.company')} autoComplete="off" value={form.name} onChange={(event) => set({ name: event.target.value })} error={problem('company.name')} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('firm.language')} error={problem('language')}>
          {(control) => <Select {...control} value={form.language} onChange={(language: Language) => set({ language })} options={LOCALES.map((one) => ({ value: one.locale, label: one.name }))} />}
        </Field>
        <Field label={t('field.country')} error={problem('country')}>
          {(control) => <Select {...control} value={form.country} onChange={(country) => set({ country })} options={countries} />}
        </Field>
      </div>
      <Field label={t('field.timezone')} hint={t('setup.timezoneHint')} error={problem('timezone')}>
        {(control) => (
          <>
            <Input {...control} list={zonesId} spellCheck={false} value={form.timezone} onChange={(event) => set({ timezone: event.target.value })} />
            <datalist id={zonesId}>{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>
          </>
        )}
      </Field>
      <TextField label={t('setup.queue')} hint={t('setup.queueHint')} placeholder={t('setup.queueDefault')} autoComplete="off" value={form.queue} onChange={(event) => set({ queue: event.target.value })} error={problem('queue.name')} />
    </FormDialog>
  )
}
