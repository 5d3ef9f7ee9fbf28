import { useMutation } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { templates as calls } from '@/api/calls'
import type { Template } from '@/api/types'
import { demand } from '@/app/errors'
import { useT, wordsFor } from '@/app/i18n'
import { go } from '@/app/go'
import { Notice } from '@/ui/feedback'
import { Page } from '@/ui/page'
import { toast } from '@/ui/toasts'
import { keep } from './data'
import { draftOf, isEditable, problemsOf, templateChange, type Draft } from './draft'
import { Editor } from './Editor'
import { TemplateThere } from './TemplatePage'

/** New words for a template that is there; the provider looks it over again. */
export default function EditTemplate() {
  const { templateId } = useParams({ strict: false }) as { templateId: string }
  return <TemplateThere id={templateId}>{(template) => <Writing key={template.id} template={template} />}</TemplateThere>
}

function Writing({ template }: { template: Template }) {
  const t = useT()
  const [draft, setDraft] = useState<Draft>(() => draftOf(template))
  const back = () => go(`/settings/templates/${template.id}`, true)
  const save = useMutation({
    mutationFn: async () => {
      demand(problemsOf(draft))
      return calls.update(template.id, templateChange(template, draft))
    },
    onSuccess: (answer) => {
      keep('updated', answer)
      toast(t('templates.handedIn', { name: answer.name }))
      back()
    },
  })
  return (
    <Page title={template.name} intro={t('templates.editIntro')} wide>
      {isEditable(template) ? <Editor draft={draft} onChange={setDraft} existing={template} save={save} submit={t('templates.handIn')} onCancel={back} /> : <Notice tone="warn">{wordsFor('error', 'template_not_editable', 'error.unknown')}</Notice>}
    </Page>
  )
}
