import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { cache } from '@/api/cache'
import { channels, messages } from '@/api/calls'
import type { Channel, MessageStatus } from '@/api/types'
import { demand, fieldWords } from '@/app/errors'
import { Form } from '@/app/form'
import { useT } from '@/app/i18n'
import { check, phone, required } from '@/lib/check'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/feedback'
import { TextField } from '@/ui/field'
import { Card } from '@/ui/page'
import { wahaOf } from './form'
import { findStyle } from './style-test'

/** The server took it. What nobody knows the fate of was at least not refused. */
const TAKEN: ReadonlySet<MessageStatus> = new Set<MessageStatus>(['SENT', 'DELIVERED', 'READ', 'UNKNOWN'])

/** Finds out by a real message which way of addressing calls the server takes, and keeps that one. */
export function StyleTest({ channel }: { channel: Channel }) {
  const t = useT()
  const [to, setTo] = useState('')
  const waha = wahaOf(channel)!
  const trial = useMutation({
    mutationFn: async () => {
      demand(check({ to }, { to: [required, phone] }))
      return findStyle(waha.pathStyle, {
        use: async (pathStyle) => {
          await channels.update(channel.id, { config: { pathStyle } })
          cache.put('channel', (await channels.check(channel.id)).channel)
        },
        send: async () => (await channels.testMessage(channel.id, to.trim())).id,
        look: async (id) => {
          const message = await messages.get(id)
          const { status, statusReason } = cache.get('channel', channel.id) ?? channel
          return TAKEN.has(message.status) ? { fate: 'taken' } : message.status === 'FAILED' ? { fate: 'refused', reason: message.error?.reason } : status === 'BROKEN' ? { fate: 'held', reason: statusReason } : { fate: 'under way' }
        },
        pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      })
    },
  })
  const works = waha.sessionState === 'WORKING'
  return (
    <Card title={t('waha.tryTitle')} hint={t('waha.tryHint')} className="flex flex-col gap-3 p-4">
      <Form error={trial.error} fields={['to']} onSubmit={trial.mutate} className="flex max-w-lg flex-wrap items-start gap-2">
        <TextField fieldClass="min-w-48 flex-1" label={t('welcome.testTo')} type="tel" inputMode="tel" autoComplete="tel" value={to} onChange={(event) => setTo(event.target.value)} error={fieldWords(trial.error, 'to')} />
        <Button type="submit" className="mt-6 h-9 max-sm:h-11" busy={trial.isPending} disabled={!works || to.trim() === ''}>{t('waha.try')}</Button>
      </Form>
      {!works && <p className="text-xs text-text-3">{t('waha.tryPaired')}</p>}
      <div aria-live="polite">
        {trial.data && (
          <Notice tone={trial.data.style ? 'info' : 'bad'}>
            {trial.data.style ? t('waha.tryWorks', { style: t(`waha.pathStyle.${trial.data.style}`) }) : t('waha.tryNeither')}
            {trial.data.style === null && trial.data.reason && <span lang="en" className="mt-0.5 block text-xs break-words">{trial.data.reason}</span>}
          </Notice>
        )}
      </div>
    </Card>
  )
}
