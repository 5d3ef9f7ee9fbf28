import type { Channel } from '@/api/types'
import { useT } from '@/app/i18n'
import { CopyField } from '@/ui/copy'
import { Field } from '@/ui/field'

/** What has to be typed into the provider's dashboard, ready to be copied; a session is told by us when it starts. */
export function Webhook({ channel }: { channel: Channel }) {
  const t = useT()
  return (
    <>
      <p className="text-sm text-text-3">{t(channel.kind === 'waha' ? 'waha.webhookIntro' : 'welcome.webhookIntro')}</p>
      <Field label={t('channel.webhookUrl')}>{(control) => <CopyField {...control} value={new URL(channel.webhookUrl, location.origin).href} />}</Field>
      {channel.verifyToken && <Field label={t('channel.verifyToken')}>{(control) => <CopyField {...control} value={channel.verifyToken!} />}</Field>}
    </>
  )
}
