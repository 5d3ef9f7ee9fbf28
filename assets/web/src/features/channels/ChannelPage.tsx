import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { cache, useRecord } from '@/api/cache'
import { channels } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Channel } from '@/api/types'
import { demand, errorWords } from '@/app/errors'
import { Form } from '@/app/form'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { go } from '@/app/go'
import { can } from '@/app/session'
import { Button } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { EmptyState, Notice, Skeleton } from '@/ui/feedback'
import { PlugIcon, TrashIcon } from '@/ui/icons'
import { Card, Page } from '@/ui/page'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { ChannelFields, SHOWN } from './ChannelFields'
import { CheckList, useCheck } from './CheckList'
import { useChangeChannel } from './data'
import { changeOf, cloudOf, faceOf, problemsOf, valuesOf } from './form'
import { QualityBadge, StatusBadge, StatusWords } from './status'
import { Sending } from './Sending'
import { TestMessage } from './TestMessage'
import { Webhook } from './Webhook'

/** One channel: how it does, what Meta must know, its settings, and its end. */
export default function ChannelPage() {
  const t = useT()
  const { channelId } = useParams({ strict: false }) as { channelId: string }
  const asked = useQuery({
    queryKey: ['channels', channelId],
    queryFn: async () => {
      const channel = await channels.get(channelId)
      cache.put('channel', channel)
      return channel.id
    },
    staleTime: 0,
  })
  // The address may carry the running number; the record goes by its id.
  const channel = useRecord('channel', asked.data ?? channelId)
  if (channel) return <Whole key={channel.id} channel={channel} />
  const gone = asked.isSuccess || (asked.error instanceof ApiError && asked.error.status === 404)
  return (
    <Page title={t('channels.title')}>
      {gone ? (
        <Card><EmptyState icon={<PlugIcon />} title={t('error.not_found')} action={<Button onClick={() => go('/settings/channels')}>{t('channels.all')}</Button>} /></Card>
      ) : asked.error ? (
        <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void asked.refetch()}>{t('action.retry')}</Button>}>{errorWords(asked.error)}</Notice>
      ) : (
        <Skeleton shape="box" className="h-64" />
      )}
    </Page>
  )
}

function Whole({ channel }: { channel: Channel }) {
  const t = useT()
  const format = useFormat()
  const change = useChangeChannel(channel)
  const manages = can('channel.manage')
  const off = channel.status === 'DISABLED'
  const face = faceOf(channel)
  const cloud = cloudOf(channel) !== undefined
  const about = [wordsFor('channelKind', channel.kind, 'channelKind.other'), face.number, face.name].filter(Boolean).join(' · ')
  const actions = manages && (
    <>
      {!channel.isDefault && <Button busy={change.isPending} onClick={() => change.mutate({ change: { isDefault: true }, done: t('channel.defaultDone', { name: channel.name }) })}>{t('channel.makeDefault')}</Button>}
      <Button busy={change.isPending} onClick={() => change.mutate(off ? { change: { status: 'UNVERIFIED' }, done: t('channel.enabled') } : { change: { status: 'DISABLED' }, done: t('channel.disabled') })}>
        {off ? t('channel.enable') : t('channel.disable')}
      </Button>
    </>
  )
  return (
    <Page title={channel.name} intro={about} actions={actions}>
      <div className="flex flex-wrap items-center gap-2">
        <StatusBadge status={channel.status} />
        {channel.isDefault && <Badge>{t('channel.default')}</Badge>}
        <QualityBadge channel={channel} />
        <span className="text-xs text-text-3">{channel.lastInboundAt ? t('channel.lastInboundAt', { at: format.relative(channel.lastInboundAt) }) : t('channel.neverInbound')}</span>
      </div>
      <StatusWords channel={channel} />
      {manages && (
        <>
          <Checks channel={channel} />
          {cloud && <Card title={t('welcome.step.webhook')} className="flex flex-col gap-4 p-4"><Webhook channel={channel} /></Card>}
          <Card title={t('welcome.step.test')} className="flex flex-col gap-4 p-4">{off ? <Notice>{t('channelStatus.DISABLED.hint')}</Notice> : <TestMessage channel={channel} />}</Card>
          {cloud && <Settings channel={channel} />}
          <Sending channel={channel} />
          <Removal channel={channel} />
        </>
      )}
    </Page>
  )
}

function Checks({ channel }: { channel: Channel }) {
  const t = useT()
  const check = useCheck(channel)
  return (
    <Card title={t('channel.checkTitle')} hint={t('channel.checkHint')} actions={<Button busy={check.isPending} onClick={() => check.mutate()}>{t('welcome.check')}</Button>} className="p-4">
      <div aria-live="polite">
        {check.error ? <Notice tone="bad" role="alert">{errorWords(check.error)}</Notice> : check.data ? <CheckList checks={check.data.checks} /> : <p className="text-sm text-text-3">{t('channel.notChecked')}</p>}
      </div>
    </Card>
  )
}

function Settings({ channel }: { channel: Channel }) {
  const t = useT()
  const [values, setValues] = useState(() => valuesOf(channel))
  const change = changeOf(channel, values)
  const save = useMutation({
    mutationFn: async () => {
      demand(problemsOf(values, channel))
      return channels.update(channel.id, change)
    },
    onSuccess: (answer) => {
      cache.put('channel', answer)
      setValues(valuesOf(answer))
      toast(t('action.saved'))
    },
  })
  return (
    <Card title={t('channel.settings')} hint={t('channel.settingsHint')}>
      <Form error={save.error} fields={SHOWN} onSubmit={save.mutate} className="flex max-w-lg flex-col gap-4">
        <ChannelFields values={values} onChange={setValues} error={save.error} channel={channel} />
        <div><Button kind="primary" type="submit" busy={save.isPending} disabled={Object.keys(change).length === 0}>{t('action.save')}</Button></div>
      </Form>
    </Card>
  )
}

function Removal({ channel }: { channel: Channel }) {
  const t = useT()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => channels.remove(channel.id),
    onSuccess: () => {
      go('/settings/channels', true)
      cache.remove(channel.id, 'channel')
      toast(t('channel.removed', { name: channel.name }))
    },
    onError: (error) => toast(errorWords(error), { tone: 'bad' }),
  })
  return (
    <Card title={t('channel.removeTitle')} hint={t('channel.removeHint')}>
      <Button kind="danger" icon={<TrashIcon size={16} />} busy={remove.isPending} onClick={() => setAsking(true)}>{t('channel.remove')}</Button>
      <Confirm open={asking} onOpenChange={setAsking} title={t('channel.removeAsk', { name: channel.name })} confirm={t('channel.remove')} cancel={t('action.cancel')} onConfirm={() => remove.mutate()} danger>
        {t('channel.removeHint')}
      </Confirm>
    </Card>
  )
}
