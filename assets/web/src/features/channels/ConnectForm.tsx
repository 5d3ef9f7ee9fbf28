import { useMutation } from '@tanstack/react-query'
import { useRef, useState, type SubmitEvent } from 'react'
import { cache } from '@/api/cache'
import { channels } from '@/api/calls'
import type { Channel } from '@/api/types'
import { errorWords, shownAtFields } from '@/app/errors'
import { useT } from '@/app/i18n'
import { useFocusInvalid } from '@/lib/focus-invalid'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/feedback'
import { ChannelFields, SHOWN } from './ChannelFields'
import { EMPTY, isTaken, newChannel } from './form'

/** Connects a WhatsApp number of Meta's Cloud API. */
export function ConnectForm({ onMade }: { onMade: (channel: Channel) => void }) {
  const t = useT()
  const form = useRef<HTMLFormElement>(null)
  const [values, setValues] = useState(EMPTY)
  const create = useMutation({
    mutationFn: () => channels.create(newChannel(values)),
    onSuccess: (channel) => {
      cache.put('channel', channel)
      onMade(channel)
    },
  })
  useFocusInvalid(form, create.error)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <form ref={form} onSubmit={submit} noValidate className="flex max-w-lg flex-col gap-4">
      <p className="text-sm text-text-3">
        {t('welcome.channelIntro')}{' '}
        <a className="text-accent-text underline underline-offset-2" href="https://developers.facebook.com/apps/" target="_blank" rel="noopener noreferrer">{t('channel.metaPages')}</a>
      </p>
      {create.error && !isTaken(create.error) && !shownAtFields(create.error, SHOWN) && <Notice tone="bad" role="alert">{errorWords(create.error)}</Notice>}
      <ChannelFields values={values} onChange={setValues} error={create.error} />
      <div><Button kind="primary" type="submit" busy={create.isPending}>{t('welcome.createChannel')}</Button></div>
    </form>
  )
}
