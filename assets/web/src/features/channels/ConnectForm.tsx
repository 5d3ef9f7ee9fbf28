import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { cache } from '@/api/cache'
import { channels } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Channel, ChannelDefaults, ChannelKind } from '@/api/types'
import { demand } from '@/app/errors'
import { Form } from '@/app/form'
import { useT } from '@/app/i18n'
import { go } from '@/app/go'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'
import { ChannelFields, SHOWN } from './ChannelFields'
import { emptyOf, newChannel, problemsOf } from './form'
import { KindChoice } from './KindChoice'
import { WebLimits } from './notes'

/** Connects a WhatsApp number: Meta's Cloud API, or a phone that is paired by a code. Which of them comes first, whoever runs the box has said. */
export function ConnectForm(props: { only?: ChannelKind; onMade: (channel: Channel) => void }) {
  const asked = useQuery({ queryKey: ['channels', 'defaults'], queryFn: channels.defaults, staleTime: Infinity, retry: 1 })
  if (asked.isPending) return <Skeleton shape="box" className="h-64 max-w-lg" />
  return <Fields {...props} defaults={asked.data} />
}

function Fields({ only, onMade, defaults }: { only?: ChannelKind; onMade: (channel: Channel) => void; defaults?: ChannelDefaults | undefined }) {
  const t = useT()
  const [values, setValues] = useState(() => emptyOf(only ?? defaults?.kind ?? 'whatsapp_cloud'))
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
  // One server carries so many sessions; it names the limit, and where it is set one can raise it.
  const full = create.error instanceof ApiError && create.error.code === 'quota' && create.error.message.includes('sessionsMax')
  const choose = (next: ChannelKind) => {
    create.reset()
    setValues((before) => ({ ...emptyOf(next), name: before.name, queueId: before.queueId }))
  }
  return (
    <Form error={create.error} told={full} fields={SHOWN} onSubmit={create.mutate} className="flex max-w-lg flex-col gap-4">
      {!only && <KindChoice value={values.kind} onChange={choose} />}
      {full && (
        <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => go('/settings/firm')}>{t('repair.to.firm')}</Button>}>{t('session.limitReached')}</Notice>
      )}
      {values.kind === 'waha' ? (
        <WebLimits />
      ) : (
        <p className="text-sm text-text-3">
          {t('welcome.channelIntro')}{' '}
          <a className="text-accent-text underline underline-offset-2" href="https://developers.facebook.com/apps/" target="_blank" rel="noopener noreferrer">{t('channel.metaPages')}</a>
        </p>
      )}
      <ChannelFields key={values.kind} values={values} onChange={setValues} error={create.error} defaults={defaults} />
      <div><Button kind="primary" type="submit" busy={create.isPending}>{t('welcome.createChannel')}</Button></div>
    </Form>
  )
}
