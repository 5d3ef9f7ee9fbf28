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
  const folder = wahaOf(channel)?.sessionFolder
  return <p className="text-xs text-text-3">{folder ? t('session.backedUp', { folder }) : t('session.notBackedUp')}</p>
}
