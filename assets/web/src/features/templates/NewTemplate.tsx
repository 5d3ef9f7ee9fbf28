import { useMutation } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { templates as calls } from '@/api/calls'
import { demand } from '@/app/errors'
import { i18n, useT } from '@/app/i18n'
import { go } from '@/app/go'
import { Button } from '@/ui/button'
import { EmptyState, Skeleton } from '@/ui/feedback'
import { PlugIcon } from '@/ui/icons'
import { Card, Page } from '@/ui/page'
import { toast } from '@/ui/toasts'
import { useState } from 'react'
import type { Channel, Template } from '@/api/types'
import { keep, useTemplateChannels, useTemplates } from './data'
import { draftOf, emptyDraft, LANGUAGES, newTemplate, problemsOf, type Draft } from './draft'
import { Editor } from './Editor'

/** A template to be handed in: from nothing, or from another one. */
export default function NewTemplate() {
  const t = useT()
  const channels = useTemplateChannels()
  const list = useTemplates()
  const from = (useSearch({ strict: false }) as { from?: unknown }).from
  const model = list.data?.find(({ id }) => id === from)
  return (
    <Page title={t('templates.newTitle')} intro={t('templates.newIntro')} wide>
      {channels.length === 0 ? (
        <Card><EmptyState icon={<PlugIcon />} title={t('templates.empty')} action={<Button onClick={() => go('/settings/channels')}>{t('channels.all')}</Button>}>{t('templates.noChannel')}</EmptyState></Card>
      ) : from && list.isPending ? (
        <Skeleton shape="box" className="h-96" />
      ) : (
        <Writing channels={channels} model={model} />
      )}
    </Page>
  )
}

/** Meta's way of writing one's own language, where it knows it. */
const ownLanguage = () => {
  const mine = i18n.locale.replace('-', '_')
  return LANGUAGES.find((one) => one === mine) ?? LANGUAGES.find((one) => one.startsWith(mine.slice(0, 2))) ?? 'en'
}

function Writing({ channels, model }: { channels: readonly Channel[]; model: Template | undefined }) {
  const t = useT()
  const [channelId, setChannelId] = useState(model?.channelId ?? channels[0]!.id)
  const [draft, setDraft] = useState<Draft>(() => (model ? { ...draftOf(model), mediaId: null } : emptyDraft(ownLanguage())))
  const create = useMutation({
    mutationFn: async () => {
      demand(problemsOf(draft))
      return calls.create(channelId, newTemplate(draft))
    },
    onSuccess: (template) => {
      keep('created', template)
      toast(t('templates.handedIn', { name: template.name }))
      go(`/settings/templates/${template.id}`, true)
    },
  })
  return <Editor draft={draft} onChange={setDraft} channels={channels} channelId={channelId} onChannel={setChannelId} save={create} submit={t('templates.handIn')} onCancel={() => go('/settings/templates')} />
}
