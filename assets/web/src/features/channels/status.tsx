import type { Channel, ChannelStatus } from '@/api/types'
import { known, useT, wordsFor } from '@/app/i18n'
import { Badge } from '@/ui/text'
import { Notice } from '@/ui/feedback'
import { cloudOf, reasonParts, wahaOf } from './form'

const TONES: Record<ChannelStatus, 'good' | 'accent' | 'bad' | 'neutral'> = { CONNECTED: 'good', UNVERIFIED: 'accent', BROKEN: 'bad', DISABLED: 'neutral' }

export function StatusBadge({ status }: { status: ChannelStatus }) {
  return <Badge tone={TONES[status]}>{wordsFor('channelStatus', status, 'channelStatus.UNVERIFIED')}</Badge>
}

/** Meta's rating of the number; nothing while it isn't known. */
export function QualityBadge({ channel }: { channel: Channel }) {
  const quality = cloudOf(channel)?.qualityRating
  if (!quality) return null
  return <Badge tone={quality === 'GREEN' ? 'good' : quality === 'RED' ? 'bad' : 'accent'}>{wordsFor('channelQuality', quality, 'channelQuality.UNKNOWN')}</Badge>
}

/** What the status means for the firm, and the provider's own words where it refused. */
export function StatusWords({ channel }: { channel: Channel }) {
  const t = useT()
  if (channel.status === 'CONNECTED') return channel.statusReason === 'session_silent' ? <Notice tone="warn">{t('session.silent')}</Notice> : null
  return (
    <Notice tone={channel.status === 'BROKEN' ? 'bad' : channel.status === 'UNVERIFIED' ? 'warn' : 'info'}>
      {wahaOf(channel) && channel.status !== 'DISABLED' ? t(channel.status === 'BROKEN' ? 'session.lost' : 'session.unpaired') : t(`channelStatus.${channel.status}.hint`)}
      {channel.statusReason && <Reason reason={channel.statusReason} />}
    </Notice>
  )
}

function Reason({ reason }: { reason: string }) {
  // Of a session the reason is its state.
  const session = /^session_(\w+)$/.exec(reason)?.[1]
  if (session) return <span className="mt-1 block text-xs">{wordsFor('sessionState', session.toUpperCase(), 'sessionState.UNKNOWN')}</span>
  const { code, words } = reasonParts(reason)
  const own = `failure.${code}`
  return (
    <span className="mt-1 block text-xs">
      {known(own) && <span className="block">{wordsFor('failure', code, 'failure.refused')}</span>}
      <span lang="en" className="break-words">{code ? `${words} (${code})` : words}</span>
    </span>
  )
}
