import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { cache, useRecord } from '@/api/cache'
import { channels } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Channel, ChannelFigures } from '@/api/types'
import { demand, errorWords } from '@/app/errors'
import { Form } from '@/app/form'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { go } from '@/app/go'
import { can } from '@/app/session'
import { phoneWords } from '@/lib/phone'
import { Button } from '@/ui/button'
import { Segments } from '@/ui/controls'
import { Confirm } from '@/ui/dialog'
import { EmptyState, Notice, Skeleton } from '@/ui/feedback'
import { PlugIcon, TrashIcon } from '@/ui/icons'
import { Card, Page } from '@/ui/page'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { ChannelFields, SHOWN } from './ChannelFields'
import { useChangeChannel } from './data'
import { Doctor } from './Doctor'
import { FigureRow, Figures } from './Figures'
import { changeOf, faceOf, problemsOf, valuesOf, wahaOf } from './form'
import { FileRulesForm, OwnLimits } from './Limits'
import { Manners } from './Manners'
import { Alarm, RestoreNote, WebLimits } from './notes'
import { Notices } from './Notices'
import { Sending } from './Sending'
import { Session } from './Session'
import { StyleTest } from './StyleTest'
import { QualityBadge, StatusBadge, StatusWords } from './status'
import { TestMessage } from './TestMessage'
import { WatchHours } from './WatchHours'
import { Webhook } from './Webhook'

const TABS = ['status', 'figures', 'settings', 'notices'] as const

/** One channel: how it does and what mends it, its figures, its settings, and what its provider told. */
export default function ChannelPage() {
  const t = useT()
  const { channelId } = useParams({ strict: false }) as { channelId: string }
  const asked = useQuery({
    queryKey: ['channels', channelId],
    queryFn: async () => {
      const channel = await channels.get(channelId)
      cache.put('channel', channel)
      return { id: channel.id, figures: channel.figures }
    },
    staleTime: 0,
    refetchInterval: 30_000,
  })
  // The address may carry the running number; the record goes by its id.
  const channel = useRecord('channel', asked.data?.id ?? channelId)
  if (channel) return <Whole key={channel.id} channel={channel} figures={asked.data?.figures} />
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

function Whole({ channel, figures }: { channel: Channel; figures: ChannelFigures | undefined }) {
  const t = useT()
  const format = useFormat()
  const change = useChangeChannel(channel)
  const manages = can('channel.manage')
  const off = channel.status === 'DISABLED'
  const face = faceOf(channel)
  const about = [wordsFor('channelKind', channel.kind, 'channelKind.other'), face.number && phoneWords(face.number), face.name].filter(Boolean).join(' · ')
  const shown = TABS.filter((one) => (one === 'settings' ? manages : one === 'figures' ? figures : true))
  const asked = (useSearch({ strict: false }) as { show?: unknown }).show
  const tab = shown.find((one) => one === asked) ?? 'status'
  const path = `/settings/channels/${channel.id}`
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
      <div className="max-w-full overflow-x-auto">
        <Segments label={channel.name} value={tab} onChange={(next) => go(next === 'status' ? path : `${path}?show=${next}`, true)} options={shown.map((value) => ({ value, label: t(`channel.tab.${value}`) }))} />
      </div>
      {tab === 'status' ? <Standing channel={channel} figures={figures} /> : tab === 'figures' ? <Figures channel={channel} /> : tab === 'notices' ? <Notices channel={channel} /> : <AllSettings channel={channel} />}
    </Page>
  )
}

/** How it does now, and all that brings it to work. */
function Standing({ channel, figures }: { channel: Channel; figures: ChannelFigures | undefined }) {
  const t = useT()
  const manages = can('channel.manage')
  const waha = wahaOf(channel)
  return (
    <>
      <Alarm channel={channel} />
      <StatusWords channel={channel} />
      {figures && <Card><FigureRow figures={figures} /></Card>}
      {manages && waha && (
        <Card title={t('session.title')} hint={t('session.hint')} className="flex flex-col gap-4 p-4">
          <Session channel={channel} />
          <WebLimits calm={waha.sessionState === 'WORKING'} />
          <RestoreNote channel={channel} />
        </Card>
      )}
      {manages && (
        <>
          <Doctor channel={channel} />
          <Card title={t(waha ? 'waha.webhookTitle' : 'welcome.step.webhook')} className="flex flex-col gap-4 p-4"><Webhook channel={channel} /></Card>
          <Card title={t('welcome.step.test')} className="flex flex-col gap-4 p-4">{channel.status === 'DISABLED' ? <Notice>{t('channelStatus.DISABLED.hint')}</Notice> : <TestMessage channel={channel} />}</Card>
        </>
      )}
    </>
  )
}

function AllSettings({ channel }: { channel: Channel }) {
  return (
    <>
      {/* What a trial found out is in the form too. */}
      <Settings key={wahaOf(channel)?.pathStyle} channel={channel} />
      {channel.kind === 'waha' && <StyleTest channel={channel} />}
      <OwnLimits channel={channel} />
      {channel.fileRules !== undefined && <FileRulesForm channel={channel} />}
      {channel.kind === 'waha' && <Manners channel={channel} />}
      {channel.kind === 'waha' && <WatchHours channel={channel} />}
      <Sending channel={channel} />
      <Removal channel={channel} />
    </>
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
