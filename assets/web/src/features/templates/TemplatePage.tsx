import { useMutation } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { useRecord } from '@/api/cache'
import { templates as calls } from '@/api/calls'
import type { Template } from '@/api/types'
import { ApiError } from '@/api/client'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { i18n, useT, wordsFor } from '@/app/i18n'
import { go } from '@/app/go'
import { can } from '@/app/session'
import { languageWords } from '@/features/conversations/composer/templates'
import { Button } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { EmptyState, Notice, Skeleton } from '@/ui/feedback'
import { CopyIcon, PencilIcon, TemplateIcon, TrashIcon } from '@/ui/icons'
import { Card, Cell, Page, Table } from '@/ui/page'
import { toast } from '@/ui/toasts'
import { keep, useTemplateChannels, useTemplates } from './data'
import { isEditable } from './draft'
import { QualityMark, StatusMark } from './marks'
import { pictureOf } from './picture'
import { Preview } from './Preview'

/** One template: how it reads, where it stands, and what may be done to it. */
export default function TemplatePage() {
  const { templateId } = useParams({ strict: false }) as { templateId: string }
  return <TemplateThere id={templateId}>{(template) => <Whole key={template.id} template={template} />}</TemplateThere>
}

/** A template once it is known, or why it is not. */
export function TemplateThere({ id, children }: { id: string; children: (template: Template) => ReactNode }) {
  const t = useT()
  const list = useTemplates()
  const template = list.data?.find((one) => one.id === id)
  if (template) return children(template)
  return (
    <Page title={t('templates.title')}>
      {list.error ? (
        <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void list.refetch()}>{t('action.retry')}</Button>}>{errorWords(list.error)}</Notice>
      ) : list.isPending ? (
        <Skeleton shape="box" className="h-64" />
      ) : (
        <Card><EmptyState icon={<TemplateIcon />} title={t('error.not_found')} action={<Button onClick={() => go('/settings/templates')}>{t('templates.allOf')}</Button>} /></Card>
      )}
    </Page>
  )
}

function Whole({ template }: { template: Template }) {
  const t = useT()
  const format = useFormat()
  useTemplateChannels()
  const channel = useRecord('channel', template.channelId)
  const manages = can('template.manage')
  const actions = manages && (
    <>
      <Button icon={<CopyIcon size={15} />} onClick={() => go(`/settings/templates/new?from=${template.id}`)}>{t('templates.copy')}</Button>
      {isEditable(template) && <Button kind="primary" icon={<PencilIcon size={15} />} onClick={() => go(`/settings/templates/${template.id}/edit`)}>{t('action.edit')}</Button>}
    </>
  )
  return (
    <Page title={template.name} intro={`${wordsFor('templateCategory', template.category, 'templateCategory.UTILITY')} · ${languageWords(template.language, i18n.locale)}`} actions={actions} wide>
      <div className="flex flex-wrap items-center gap-2">
        <StatusMark status={template.status} />
        <QualityMark template={template} />
        <span className="text-xs text-text-3">{t('templates.updated', { at: format.relative(template.updatedAt) })}</span>
      </div>
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-5 max-lg:order-2">
          {(template.status !== 'APPROVED' || template.reason) && (
            <Notice tone={['REJECTED', 'PAUSED', 'DISABLED'].includes(template.status) ? 'bad' : 'info'}>
              {wordsFor('templateHint', template.status, 'templateHint.PENDING')}
              {template.reason && <span lang="en" className="mt-0.5 block text-xs break-words">{template.reason}</span>}
            </Notice>
          )}
          {template.unsupported && <Notice tone="warn">{t('templates.unsupported', { part: template.unsupported })}</Notice>}
          <Card>
            <dl className="grid grid-cols-2 gap-x-6 gap-y-3 text-sm">
              <Fact label={t('word.channel')}>{channel?.name ?? '–'}</Fact>
              <Fact label={t('templates.language')}>{languageWords(template.language, i18n.locale)} <code className="font-mono text-xs text-text-3">{template.language}</code></Fact>
              <Fact label={t('templates.quality')}>{wordsFor('channelQuality', template.quality, 'channelQuality.UNKNOWN')}</Fact>
              {template.externalId && <Fact label={t('templates.externalId')}><code className="font-mono text-xs break-all">{template.externalId}</code></Fact>}
            </dl>
          </Card>
          {template.variables.length > 0 && (
            <Table label={t('templates.gaps')} head={[{ key: 'name', label: t('templates.gap') }, { key: 'where', label: t('templates.where') }, { key: 'example', label: t('templates.example') }]}>
              {template.variables.map((gap) => (
                <tr key={`${gap.where} ${gap.name}`}>
                  <Cell><code className="font-mono text-xs">{gap.name}</code></Cell>
                  <Cell>{gap.where === 'button' ? t('templates.whereButton', { number: (gap.button ?? 0) + 1 }) : t(`templates.where.${gap.where}`)}</Cell>
                  <Cell className="break-words">{gap.example ?? '–'}</Cell>
                </tr>
              ))}
            </Table>
          )}
          {manages && template.status !== 'DELETED' && <Removal template={template} />}
        </div>
        <div className="max-lg:order-1 lg:sticky lg:top-4"><Preview template={template} picture={pictureOf(template.header?.mediaId)} /></div>
      </div>
    </Page>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-text-3">{label}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  )
}

function Removal({ template }: { template: Template }) {
  const t = useT()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => calls.remove(template.id),
    onSuccess: () => {
      go('/settings/templates', true)
      keep('deleted', template)
      toast(t('templates.removed', { name: template.name }))
    },
  })
  return (
    <Card title={t('templates.removeTitle')} hint={t('templates.removeHint')} className="flex flex-col gap-3 p-4">
      {remove.error && <Refused error={remove.error} />}
      <div><Button kind="danger" icon={<TrashIcon size={16} />} busy={remove.isPending} onClick={() => setAsking(true)}>{t('templates.remove')}</Button></div>
      <Confirm open={asking} onOpenChange={setAsking} title={t('templates.removeAsk', { name: template.name })} confirm={t('templates.remove')} cancel={t('action.cancel')} onConfirm={() => remove.mutate()} danger>
        {t('templates.removeHint')}
      </Confirm>
    </Card>
  )
}

/** A refusal, and beside it what the provider said in its own words. */
export function Refused({ error }: { error: unknown }) {
  const words = error instanceof ApiError && error.status !== 0 && error.fields.length === 0 ? error.message : null
  return (
    <Notice tone="bad" role="alert">
      {errorWords(error)}
      {words && words !== (error as ApiError).code && <span lang="en" className="mt-0.5 block text-xs break-words">{words}</span>}
    </Notice>
  )
}
