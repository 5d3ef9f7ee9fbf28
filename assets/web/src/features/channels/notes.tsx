import type { Channel } from '@/api/types'
import { useT } from '@/app/i18n'
import { Notice } from '@/ui/feedback'
import { wahaOf } from './form'

/** What everybody should know who hangs a firm on WhatsApp Web. */
export function WebLimits({ calm }: { calm?: boolean }) {
  const t = useT()
  return <Notice tone={calm ? 'info' : 'warn'}>{t('session.webLimits')}</Notice>
}

/** Does a restored box need a new code? Only where the server's folder joins the backup it doesn't. */
export function RestoreNote({ channel }: { channel: Channel }) {
  const t = useT()
  const waha = wahaOf(channel)
  const words = !waha?.isBackedUp ? t('session.notBackedUp') : waha.sessionFolder ? t('session.backedUp', { folder: waha.sessionFolder }) : t('session.backedUpServer')
  return <p className="text-xs text-text-3">{words}</p>
}

const ALARM = 'many_failures: '

/** Many messages in a row failed for good: which way, and where to look. The channel itself may well be connected. */
export function Alarm({ channel }: { channel: Channel }) {
  const t = useT()
  if (!channel.statusReason?.startsWith(ALARM)) return null
  return (
    <Notice tone="bad">
      <strong className="font-semibold">{t('noticeTopic.many_failures')}.</strong> {t('noticeNext.many_failures')}
      <span lang="en" className="mt-0.5 block text-xs break-words">{channel.statusReason.slice(ALARM.length)}</span>
    </Notice>
  )
}
