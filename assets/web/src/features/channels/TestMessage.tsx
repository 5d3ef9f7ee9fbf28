import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { channels, messages } from '@/api/calls'
import type { Channel } from '@/api/types'
import { demand, errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { useT, wordsFor } from '@/app/i18n'
import { check, phone, required } from '@/lib/check'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/feedback'
import { TextField } from '@/ui/field'

/** Nothing more is expected soon. */
const SETTLED = new Set(['DELIVERED', 'READ', 'FAILED', 'UNKNOWN'])

/** Sends a message to one's own phone and tells what became of it. */
export function TestMessage({ channel, onSent }: { channel: Channel; onSent?: () => void }) {
  const t = useT()
  const [to, setTo] = useState('')
  const send = useMutation({
    mutationFn: async () => {
      demand(check({ to }, { to: [required, phone] }))
      return channels.testMessage(channel.id, to.trim())
    },
    onSuccess: onSent,
  })
  const sentId = send.data?.id
  // "On its way" is not the end: what became of it is asked until the provider has said so.
  const fate = useQuery({
    queryKey: ['message', sentId],
    enabled: sentId !== undefined,
    queryFn: () => messages.get(sentId!),
    refetchInterval: (query) => (SETTLED.has(query.state.data?.status ?? '') ? false : 1500),
  }).data
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    send.mutate()
  }
  return (
    <>
      <p className="text-sm text-text-3">{t(channel.kind === 'waha' ? 'waha.testIntro' : 'welcome.testIntro')}</p>
      <form onSubmit={submit} noValidate className="flex items-start gap-2">
        <TextField fieldClass="flex-1" label={t('welcome.testTo')} type="tel" inputMode="tel" autoComplete="tel" placeholder="+33 6 39 98 00 00" value={to} onChange={(event) => setTo(event.target.value)} error={fieldWords(send.error, 'to')} />
        <Button type="submit" size="md" className="mt-6 h-9 max-sm:h-11" busy={send.isPending} disabled={to.trim() === ''}>{t('welcome.testSend')}</Button>
      </form>
      {send.error && !shownAtFields(send.error, ['to']) && <Notice tone="bad" role="alert">{errorWords(send.error)}</Notice>}
      {fate?.status === 'FAILED' ? (
        <Notice tone="bad" role="alert">
          {wordsFor('failure', fate.error?.code, 'failure.refused')} {fate.error?.reason && <span lang="en">{fate.error.reason}</span>}
        </Notice>
      ) : (
        sentId && <Notice role="status">{fate && SETTLED.has(fate.status) ? t(`status.${fate.status}`) : t('welcome.testSent')}</Notice>
      )}
    </>
  )
}
