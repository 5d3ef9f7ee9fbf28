import { useQuery } from '@tanstack/react-query'
import { system } from '@/api/calls'
import type { SystemInfo } from '@/api/types'
import { errorWords } from '@/app/errors'
import { known, useT, type Translate } from '@/app/i18n'
import { Button } from '@/ui/button'
import { CopyField } from '@/ui/copy'
import { Notice, Skeleton } from '@/ui/feedback'
import { Field } from '@/ui/field'
import { BookIcon, CheckIcon } from '@/ui/icons'
import { Card, Page } from '@/ui/page'
import { Badge } from '@/ui/text'

/** What this box is, and what its owner should look at. */
export default function System() {
  const t = useT()
  // The same key as everywhere else in the app, but asked anew: warnings come and go.
  const asked = useQuery({ queryKey: ['system'], queryFn: system.info, staleTime: 0 })
  return (
    <Page title={t('system.title')} intro={t('system.intro')} actions={<Button busy={asked.isFetching} onClick={() => void asked.refetch()}>{t('system.again')}</Button>}>
      {asked.data ? (
        <Whole info={asked.data} />
      ) : asked.error ? (
        <Notice tone="bad" role="alert">{errorWords(asked.error)}</Notice>
      ) : (
        <Skeleton shape="box" className="h-64" />
      )}
    </Page>
  )
}

function Whole({ info }: { info: SystemInfo }) {
  const t = useT()
  return (
    <>
      <Card title={t('system.state')} className="flex flex-col gap-3 p-4">
        {info.insecure && <Notice tone="warn">{t('insecure.words')} {t('system.insecureHint')}</Notice>}
        {info.warnings.map((warning) => <Notice key={warning.code + warning.detail} tone="warn">{warningWords(t, warning)}</Notice>)}
        {!info.publicUrl && <Notice tone="warn">{t('system.noPublicUrl')}</Notice>}
        {!info.insecure && info.warnings.length === 0 && info.publicUrl && (
          <p className="flex items-center gap-2 text-sm"><CheckIcon size={16} className="text-good" />{t('system.fine')}</p>
        )}
      </Card>
      <Card title={t('system.about')} className="flex flex-col gap-4 p-4">
        <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1.5 text-sm">
          <dt className="text-text-3">{t('system.version')}</dt>
          <dd className="tabular">{info.version} {info.demo && <Badge tone="accent">{t('demo.badge')}</Badge>}</dd>
          <dt className="text-text-3">{t('system.build')}</dt>
          <dd className="font-mono text-xs break-all">{info.build}</dd>
        </dl>
        {info.publicUrl && (
          <Field label={t('system.publicUrl')} hint={t('system.publicUrlHint')}>{(control) => <CopyField {...control} value={info.publicUrl!} />}</Field>
        )}
      </Card>
      <Card title={t('system.docs')} hint={t('system.docsHint')}>
        <a href="/api/docs" target="_blank" rel="noopener" className="touch inline-flex min-h-6 items-center gap-2 rounded-sm text-sm font-medium text-accent-text underline underline-offset-2">
          <BookIcon size={16} />
          {t('system.openDocs')}
        </a>
      </Card>
    </>
  )
}

function warningWords(t: Translate, { code, detail }: SystemInfo['warnings'][number]): string {
  const id = `system.warning.${code}`
  return known(id) ? t(id, { detail }) : t('system.warning.other', { code, detail })
}
