import { Link } from '@tanstack/react-router'
import { useMutation } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { cache, useRecord, useRecords } from '@/api/cache'
import { channels as calls } from '@/api/calls'
import type { Channel, ChannelFigures } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { go } from '@/app/go'
import { can } from '@/app/session'
import { useQueues } from '@/features/conversations/directory'
import { Button } from '@/ui/button'
import { Switch } from '@/ui/controls'
import { Dialog } from '@/ui/dialog'
import { EmptyState, Notice, Skeleton } from '@/ui/feedback'
import { ForwardIcon, PlugIcon, PlusIcon, QrIcon, RetryIcon } from '@/ui/icons'
import { Card, Page } from '@/ui/page'
import { Phone } from '@/ui/phone'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { useChangeChannel, useChannelList } from './data'
import { FigureRow } from './Figures'
import { faceOf, wahaOf } from './form'
import { KindTile } from './kinds'
import { Alarm } from './notes'
import { Session } from './Session'
import { QualityBadge, StatusBadge, StatusWords } from './status'

/** Every way customers reach the firm, and how each does: a card for each connection. */
export default function Channels() {
  const t = useT()
  const list = useChannelList()
  useQueues()
  const channels = useRecords('channel').sort((a, b) => a.number - b.number)
  const connect = can('channel.manage') && <Button kind="primary" icon={<PlusIcon size={16} />} onClick={() => go('/settings/channels/new')}>{t('channels.connect')}</Button>
  return (
    <Page title={t('channels.title')} intro={t('channels.intro')} actions={connect} wide>
      {list.error ? (
        <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void list.refetch()}>{t('action.retry')}</Button>}>{errorWords(list.error)}</Notice>
      ) : list.isPending ? (
        <div className="grid gap-4 xl:grid-cols-2"><Skeleton shape="box" className="h-56" /><Skeleton shape="box" className="h-56" /></div>
      ) : channels.length === 0 ? (
        <Card><EmptyState icon={<PlugIcon />} title={t('channels.empty')} action={connect}>{t('channels.emptyHint')}</EmptyState></Card>
      ) : (
        <ul className="grid items-stretch gap-4 xl:grid-cols-2">
          {channels.map((channel) => <li key={channel.id} className="flex min-w-0"><ChannelCard channel={channel} figures={list.data.get(channel.id)} /></li>)}
        </ul>
      )}
    </Page>
  )
}

function ChannelCard({ channel, figures }: { channel: Channel; figures: ChannelFigures | undefined }) {
  const t = useT()
  const format = useFormat()
  const queue = useRecord('queue', channel.queueId)
  const change = useChangeChannel(channel)
  const { number, name: firm } = faceOf(channel)
  const manages = can('channel.manage')
  return (
    <section aria-label={channel.name} className="flex w-full min-w-0 flex-col rounded-lg border border-line bg-surface shadow-xs">
      <header className="flex items-start gap-3 px-4 pt-4">
        <KindTile kind={channel.kind} large />
        <div className="min-w-0 flex-1">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            <h2 className="min-w-0 text-base font-semibold">
              <Link to={`/settings/channels/${channel.id}`} className="touch inline-flex min-h-6 max-w-full items-center gap-1 rounded-sm hover:underline">
                <span className="truncate">{channel.name}</span>
                <ForwardIcon size={15} className="shrink-0 text-text-3" />
              </Link>
            </h2>
            <StatusBadge status={channel.status} />
            {channel.isDefault && <Badge>{t('channel.default')}</Badge>}
            <QualityBadge channel={channel} />
          </div>
          <p className="truncate text-sm text-text-2">
            {number ? <Phone value={number} className="font-medium" /> : t(channel.kind === 'waha' ? 'channel.numberUnpaired' : 'channel.numberUnknown')}
            {firm && <span className="text-text-3"> · {firm}</span>}
          </p>
          <p className="truncate text-xs text-text-3">{wordsFor('channelKind', channel.kind, 'channelKind.other')} · {queue?.name ?? t('channel.queueDefault')}</p>
        </div>
      </header>
      <div className="flex flex-1 flex-col gap-3 px-4 pt-3.5 pb-4">
        {figures && <FigureRow figures={figures} />}
        <p className="text-xs text-text-3">
          {channel.lastInboundAt ? <time dateTime={channel.lastInboundAt} title={format.full(channel.lastInboundAt)}>{t('channel.lastInboundAt', { at: format.relative(channel.lastInboundAt) })}</time> : t('channel.neverInbound')}
        </p>
        <Alarm channel={channel} />
        <StatusWords channel={channel} />
        {channel.kind === 'waha' && <p className="text-xs text-text-3">{t('session.webLimits')}</p>}
      </div>
      {manages && (
        <footer className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-b-lg border-t border-line bg-sunken px-4 py-2.5">
          <div className="min-w-44 max-sm:min-h-11 max-sm:content-center">
            <Switch
              label={t('channel.isDefault')}
              checked={channel.isDefault}
              disabled={channel.isDefault || change.isPending}
              onChange={() => change.mutate({ change: { isDefault: true }, done: t('channel.defaultDone', { name: channel.name }) })}
            />
          </div>
          <Remedy channel={channel} />
        </footer>
      )}
    </section>
  )
}

/** What brings a connection back: the code to scan, or the check that finds out why it is away. */
function Remedy({ channel }: { channel: Channel }): ReactNode {
  const t = useT()
  const [pairing, setPairing] = useState(false)
  const session = wahaOf(channel)?.sessionState
  const check = useMutation({
    mutationFn: () => calls.check(channel.id),
    onSuccess: (answer) => {
      cache.put('channel', answer.channel)
      if (answer.channel.status === 'CONNECTED') toast(t('channel.works', { name: channel.name }))
      else go(`/settings/channels/${channel.id}`)
    },
    onError: (error) => toast(errorWords(error), { tone: 'bad' }),
  })
  if (channel.status === 'DISABLED') return null
  if (session === undefined) {
    return channel.status === 'CONNECTED' ? null : <Button icon={<RetryIcon size={16} />} busy={check.isPending} onClick={() => check.mutate()}>{t('welcome.check')}</Button>
  }
  return (
    <>
      {session !== 'WORKING' && (
        <Button kind="primary" icon={session === 'SCAN_QR_CODE' ? <QrIcon size={16} /> : <RetryIcon size={16} />} onClick={() => setPairing(true)}>
          {t(session === 'SCAN_QR_CODE' ? 'session.showCode' : 'session.reconnect')}
        </Button>
      )}
      <Dialog open={pairing} onOpenChange={setPairing} width="lg" title={t('session.title')} description={channel.name} closeLabel={t('action.close')}>
        <Session channel={channel} />
      </Dialog>
    </>
  )
}
