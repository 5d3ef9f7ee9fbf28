import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { cache } from '@/api/cache'
import { channels } from '@/api/calls'
import type { Channel } from '@/api/types'
import { demand } from '@/app/errors'
import { Form } from '@/app/form'
import { useT } from '@/app/i18n'
import { Button } from '@/ui/button'
import { ChannelFields, SHOWN } from './ChannelFields'
import { EMPTY, newChannel, problemsOf } from './form'

/** Connects a WhatsApp number of Meta's Cloud API. */
export function ConnectForm({ onMade }: { onMade: (channel: Channel) => void }) {
  const t = useT()
  const [values, setValues] = useState(EMPTY)
  const create = useMutation({
    mutationFn: async () => {
      demand(problemsOf(values))
      return channels.create(newChannel(values))
    },
    onSuccess: (channel) => {
      cache.put('channel', channel)
      onMade(channel)
    },
  })
  return (
    <Form error={create.error} fields={SHOWN} onSubmit={create.mutate} className="flex max-w-lg flex-col gap-4">
      <p className="text-sm text-text-3">
        {t('welcome.channelIntro')}{' '}
        <a className="text-accent-text underline underline-offset-2" href="https://developers.facebook.com/apps/" target="_blank" rel="noopener noreferrer">{t('channel.metaPages')}</a>
      </p>
      <ChannelFields values={values} onChange={setValues} error={create.error} />
      <div><Button kind="primary" type="submit" busy={create.isPending}>{t('welcome.createChannel')}</Button></div>
    </Form>
  )
}
