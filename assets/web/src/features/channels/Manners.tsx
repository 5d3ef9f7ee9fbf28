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
import { Switch } from '@/ui/controls'
import { Notice, Skeleton } from '@/ui/feedback'
import { TextField } from '@/ui/field'
import { Card } from '@/ui/page'
import { toast } from '@/ui/toasts'
import { mannersOf, MANNERS_KEY, wholeManners } from './manners'
import { settingsKey } from './sending'

/** How a session approaches people, so that WhatsApp takes it for a person: what is not set here is the firm's. */
export function Manners({ channel }: { channel: Channel }) {
  const t = useT()
  const asked = useQuery({ queryKey: settingsKey(channel.id), queryFn: async () => (await calls.listOfChannel(channel.id)).items, enabled: can('settings.read'), refetchOnMount: 'always' })
  const setting = asked.data?.find((one) => one.key === MANNERS_KEY)
  if (!can('settings.read') || (asked.data && !setting)) return null
  return (
    <Card title={t('manners.title')} hint={t('manners.hint')}>
      {asked.error ? (
        <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void asked.refetch()}>{t('action.retry')}</Button>}>{errorWords(asked.error)}</Notice>
      ) : setting ? (
        <Fields channel={channel} setting={setting} />
      ) : (
        <Skeleton className="h-24" />
      )}
    </Card>
  )
}

function Fields({ channel, setting }: { channel: Channel; setting: Setting }) {
  const t = useT()
  const [values, setValues] = useState(() => mannersOf(setting))
  const may = can('settings.manage')
  const save = useMutation({
    mutationFn: (reset: boolean) => calls.putOfChannel(MANNERS_KEY, channel.id, reset ? null : wholeManners(values)),
    onSuccess: (answer) => {
      setValues(mannersOf(answer))
      void queryClient.invalidateQueries({ queryKey: settingsKey(channel.id) })
      toast(t('action.saved'))
    },
  })
  const pauses = ['pauseMinMs', 'pauseMaxMs'] as const
  return (
    <Form error={save.error} fields={pauses.map((name) => `value.${name}`)} onSubmit={() => save.mutate(false)} className="max-w-lg">
      <fieldset disabled={!may} className="flex flex-col gap-4">
        <legend className="sr-only">{t('manners.title')}</legend>
        {(['seen', 'typing'] as const).map((name) => <Switch key={name} label={t(`manners.${name}`)} hint={t(`manners.${name}Hint`)} checked={values[name]} disabled={!may} onChange={(on) => setValues({ ...values, [name]: on })} />)}
        <div className="grid gap-4 sm:grid-cols-2">
          {pauses.map((name) => (
            <TextField
              key={name}
              label={t(`manners.${name}`)}
              hint={t('manners.milliseconds')}
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
