import { useMutation, useQuery } from '@tanstack/react-query'
import { useRef, useState, type SubmitEvent } from 'react'
import { settings as calls } from '@/api/calls'
import type { Channel, Setting } from '@/api/types'
import { errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { can } from '@/app/session'
import { useFocusInvalid } from '@/lib/focus-invalid'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'
import { TextField } from '@/ui/field'
import { Card } from '@/ui/page'
import { toast } from '@/ui/toasts'
import { valuesOfSending, type SendingValues, SENDING_KEYS, settingsKey, whole } from './sending'

/** How patiently and how fast one channel sends; what is not set here is the firm's. */
export function Sending({ channel }: { channel: Channel }) {
  const t = useT()
  const queryKey = settingsKey(channel.id)
  const asked = useQuery({ queryKey, queryFn: async () => (await calls.listOfChannel(channel.id)).items, enabled: can('settings.read'), refetchOnMount: 'always' })
  if (!can('settings.read')) return null
  return (
    <Card title={t('channel.sending')} hint={t('channel.sendingHint')} className="p-4">
      {asked.error ? (
        <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void asked.refetch()}>{t('action.retry')}</Button>}>{errorWords(asked.error)}</Notice>
      ) : asked.data ? (
        <Fields channel={channel} settings={asked.data} onSaved={() => void queryClient.invalidateQueries({ queryKey })} />
      ) : (
        <Skeleton className="h-24" />
      )}
    </Card>
  )
}

const FIELDS = ['attempts', 'firstPauseSecs', 'longestPauseSecs', 'laneWaitSecs', 'perSecond'] as const

function Fields({ channel, settings, onSaved }: { channel: Channel; settings: Setting[]; onSaved: () => void }) {
  const t = useT()
  const form = useRef<HTMLFormElement>(null)
  const [values, setValues] = useState<SendingValues>(() => valuesOfSending(settings))
  const before = valuesOfSending(settings)
  const own = settings.some((one) => SENDING_KEYS.has(one.key) && one.origin === 'channel')
  const may = can('settings.manage')
  const save = useMutation({
    mutationFn: async (reset: boolean) => {
      const answers: Setting[] = []
      for (const key of SENDING_KEYS) {
        const one = reset ? null : whole(key, values)
        if (reset || JSON.stringify(one) !== JSON.stringify(whole(key, before))) answers.push(await calls.putOfChannel(key, channel.id, one))
      }
      return answers
    },
    onSuccess: (answers) => {
      const changed = settings.map((one) => answers.find((answer) => answer.key === one.key) ?? one)
      setValues(valuesOfSending(changed))
      onSaved()
      toast(t('action.saved'))
    },
  })
  useFocusInvalid(form, save.error)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    save.mutate(false)
  }
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <fieldset disabled={!may} className="grid max-w-lg gap-4 sm:grid-cols-2">
        <legend className="sr-only">{t('channel.sending')}</legend>
        {save.error && !shownAtFields(save.error, FIELDS.map((field) => `value.${field}`)) && <Notice tone="bad" role="alert" className="sm:col-span-2">{fieldWords(save.error, 'value') ?? errorWords(save.error)}</Notice>}
        {FIELDS.map((field) => (
          <TextField
            key={field}
            label={t(`setting.part.${field}`)}
            inputMode="numeric"
            autoComplete="off"
            value={values[field]}
            error={fieldWords(save.error, `value.${field}`)}
            onChange={(event) => setValues((all) => ({ ...all, [field]: event.target.value }))}
          />
        ))}
        {may && (
          <div className="flex gap-2 sm:col-span-2">
            <Button kind="primary" type="submit" busy={save.isPending}>{t('action.save')}</Button>
            {own && <Button kind="quiet" onClick={() => save.mutate(true)}>{t('channel.sendingReset')}</Button>}
          </div>
        )}
      </fieldset>
    </form>
  )
}
