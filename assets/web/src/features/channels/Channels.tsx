import { Link } from '@tanstack/react-router'
import { useRecord, useRecords } from '@/api/cache'
import type { Channel } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { go } from '@/app/go'
import { can } from '@/app/session'
import { useQueues } from '@/features/conversations/directory'
import { Button } from '@/ui/button'
import { EmptyState, Notice, Skeleton } from '@/ui/feedback'
import { ForwardIcon, PlugIcon, PlusIcon } from '@/ui/icons'
import { Card, Page } from '@/ui/page'
import { Badge } from '@/ui/text'
import { useChannelList } from './data'
import { faceOf } from './form'
import { QualityBadge, StatusBadge, StatusWords } from './status'

/** Every way customers reach the firm, and how each does. */
export default function Channels() {
  const t = useT()
  const list = useChannelList()
  useQueues()
  const channels = useRecords('channel').sort((a, b) => a.number - b.number)
  const connect = can('channel.manage') && <Button kind="primary" icon={<PlusIcon size={16} />} onClick={() => go('/settings/channels/new')}>{t('channels.connect')}</Button>
  return (
    <Page title={t('channels.title')} intro={t('channels.intro')} actions={connect}>
      {list.error ? (
        <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void list.refetch()}>{t('action.retry')}</Button>}>{errorWords(list.error)}</Notice>
      ) : list.isPending ? (
        <Skeleton shape="box" className="h-32" />
      ) : channels.length === 0 ? (
        <Card><EmptyState icon={<PlugIcon />} title={t('channels.empty')} action={connect}>{t('channels.emptyHint')}</EmptyState></Card>
      ) : (
        <ul className="flex flex-col gap-4">
          {channels.map((channel) => <li key={channel.id}><ChannelCard channel={channel} /></li>)}
        </ul>
      )}
    </Page>
  )
}

function ChannelCard({ channel }: { channel: Channel }) {
  const t = useT()
  const format = useFormat()
  const queue = useRecord('queue', channel.queueId)
  const { number, name: firm } = faceOf(channel)
  return (
    <Card className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="min-w-0 text-base font-semibold">
          <Link to={`/settings/channels/${channel.id}`} className="touch inline-flex min-h-6 items-center gap-1 rounded-sm hover:underline">
            {channel.name}
            <ForwardIcon size={15} className="text-text-3" />
          </Link>
        </h2>
        <StatusBadge status={channel.status} />
        {channel.isDefault && <Badge>{t('channel.default')}</Badge>}
        <QualityBadge channel={channel} />
      </div>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-2 text-sm sm:grid-cols-4">
        <Fact label={t('channel.kind')}>{wordsFor('channelKind', channel.kind, 'channelKind.other')}</Fact>
        <Fact label={t('channel.number')}>{number ? <>{number}{firm && <span className="block text-xs text-text-3">{firm}</span>}</> : t('channel.numberUnknown')}</Fact>
        <Fact label={t('word.queue')}>{queue?.name ?? t('channel.queueDefault')}</Fact>
        <Fact label={t('channel.lastInbound')}>{channel.lastInboundAt ? <time dateTime={channel.lastInboundAt} title={format.full(channel.lastInboundAt)}>{format.relative(channel.lastInboundAt)}</time> : t('channel.neverInbound')}</Fact>
      </dl>
      <StatusWords channel={channel} />
    </Card>
  )
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-text-3">{label}</dt>
      <dd className="tabular break-words">{children}</dd>
    </div>
  )
}
