import { useT } from '@/app/i18n'
import { PreferencesForm } from '@/app/PreferencesDialog'
import { Card, Page } from '@/ui/page'

export default function PreferencesPage() {
  const t = useT()
  return (
    <Page title={t('preferences.title')} intro={t('preferences.description')}>
      <Card>
        <PreferencesForm />
      </Card>
    </Page>
  )
}
