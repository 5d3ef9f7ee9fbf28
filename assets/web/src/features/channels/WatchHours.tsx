import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { settings as calls } from '@/api/calls'
import type { Channel, Setting } from '@/api/types'
import { errorWords, fieldWords } from '@/app/errors'
import { Form } from '@/app/form'
import { useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { can } from '@/app/session'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'
import { TextField } from '@/ui/field'
import { Card } from '@/ui/page'
import { toast } from '@/ui/toasts'
import { settingsKey } from './sending'
import { HOURS, hoursOf, WATCH_HOURS_KEY, wholeHours } from './watch-hours'

/** In which hours a session's silence says something: what is not set here is the firm's. */
export function WatchHours({ channel }: { channel: Channel }) {
  const t = useT()
  const asked = useQuery({ queryKey: settingsKey(channel.id), queryFn: async () => (await calls.listOfChannel(channel.id)).items, enabled: can('settings.read'), refetchOnMount: 'always' })
  const setting = asked.data?.find((one) => one.key === WATCH_HOURS_KEY)
  if (!can('settings.read') || (asked.data && !setting)) return null
  return (
    <Card title={t('watchHours.title')} hint={t('watchHours.hint')}>
      {asked.error ? (
        <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void asked.refetch()}>{t('action.retry')}</Button>}>{errorWords(asked.error)}</Notice>
      ) : setting ? (
        <Fields channel={channel} setting={setting} />
      ) : (
        <Skeleton className="h-16" />
      )}
    </Card>
  )
}

function Fields({ channel, setting }: { channel: Channel; setting: Setting }) {
  const t = useT()
  const [values, setValues] = useState(() => hoursOf(setting))
  const may = can('settings.manage')
  const save = useMutation({
    mutationFn: (reset: boolean) => calls.putOfChannel(WATCH_HOURS_KEY, channel.id, reset ? null : wholeHours(values)),
    onSuccess: (answer) => {
      setValues(hoursOf(answer))
      void queryClient.invalidateQueries({ queryKey: settingsKey(channel.id) })
      toast(t('action.saved'))
    },
  })
  return (
    <Form error={save.error} fields={HOURS.map((name) => `value.${name}`)} onSubmit={() => save.mutate(false)} className="max-w-lg">
      <fieldset disabled={!may} className="flex flex-col gap-4">
        <legend className="sr-only">{t('watchHours.title')}</legend>
        <div className="grid gap-4 sm:grid-cols-2">
          {HOURS.map((name) => (
            <TextField
              key={name}
              label={t(`setting.part.${name}`)}
              inputMode="numeric"
              autoComplete="off"
              value={values[name]}
              error={fieldWords(save.error, `value.${name}`)}
              onChange={(event) => setValues({ ...values, [name]: event.target.value })}
            />
          ))}
        </div>
        {may && (
          <div className="flex flex-wrap gap-2">
            <Button kind="primary" type="submit" busy={save.isPending}>{t('action.save')}</Button>
            {setting.origin === 'channel' && <Button kind="quiet" onClick={() => save.mutate(true)}>{t('channel.sendingReset')}</Button>}
          </div>
        )}
      </fieldset>
    </Form>
  )
}
