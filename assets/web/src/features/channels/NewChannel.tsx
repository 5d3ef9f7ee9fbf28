import { useT } from '@/app/i18n'
import { go } from '@/app/go'
import { Card, Page } from '@/ui/page'
import { ConnectForm } from './ConnectForm'

export default function NewChannel() {
  const t = useT()
  return (
    <Page title={t('channels.newTitle')} intro={t('channels.newIntro')}>
      <Card>
        <ConnectForm onMade={(channel) => go(`/settings/channels/${channel.id}`, true)} />
      </Card>
    </Page>
  )
}
