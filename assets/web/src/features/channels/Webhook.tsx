import type { Channel } from '@/api/types'
import { useT } from '@/app/i18n'
import { CopyField } from '@/ui/copy'
import { Field } from '@/ui/field'

/** What has to be typed into Meta's dashboard, ready to be copied. */
export function Webhook({ channel }: { channel: Channel }) {
  const t = useT()
  return (
    <>
      <p className="text-sm text-text-3">{t('welcome.webhookIntro')}</p>
      <Field label={t('channel.webhookUrl')}>{(control) => <CopyField {...control} value={new URL(channel.webhookUrl, location.origin).href} />}</Field>
      {channel.verifyToken && <Field label={t('channel.verifyToken')}>{(control) => <CopyField {...control} value={channel.verifyToken!} />}</Field>}
    </>
  )
}
