import { useState } from 'react'
import { messages } from '@/api/calls'
import type { Conversation, Template, TemplateGap } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useT, type Translate } from '@/app/i18n'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Notice } from '@/ui/feedback'
import { Field, Input, TextField } from '@/ui/field'
import { BackIcon, FileIcon, LinkIcon, PhoneIcon, ReplyIcon } from '@/ui/icons'
import { customerName } from '../words'
import { placeOf } from './place'
import { PlanLater, useOut, type Made } from './ways-out'
import TemplateList from './TemplateList'
import { filled, gapProblems, textOf, type Values } from './templates'

const ACCEPTED = { IMAGE: 'image/jpeg,image/png', VIDEO: 'video/mp4,video/3gpp', DOCUMENT: undefined }
const FILE_HEADERS = ['IMAGE', 'VIDEO', 'DOCUMENT'] as const
type FileHeader = (typeof FILE_HEADERS)[number]

/** Chooses a template, fills its gaps and shows how it will read. */
export default function TemplateDialog({ conversation, first, onClose }: { conversation: Conversation; first?: Template; onClose: () => void }) {
  const t = useT()
  const [template, setTemplate] = useState<Template | null>(first ?? null)
  const [values, setValues] = useState<Values>(() => begun(first, conversation))
  const [file, setFile] = useState<File | null>(null)
  const [where, setWhere] = useState('')
  const [pressed, setPressed] = useState(false)
  const [upload, setUpload] = useState<{ part: number } | { error: unknown } | null>(null)
  const busy = upload !== null && 'part' in upload
  const header = template?.header
  const fileHeader = FILE_HEADERS.find((kind) => kind === header?.kind)
  const place = placeOf(where)
  const wrong = template ? gapProblems(template.variables, values) : {}

  const make = async (): Promise<Made | null> => {
    if (!template) return null
    setPressed(true)
    const lacks = (fileHeader && !file) || (header?.kind === 'LOCATION' && (!place || place === 'shortened'))
    if (lacks || Object.keys(wrong).length > 0) return null
    let mediaId: string | undefined
    if (file) {
      setUpload({ part: 0 })
      try {
        mediaId = (await messages.handIn(file, (part) => setUpload({ part }))).id
        setUpload(null)
      } catch (error) {
        setUpload({ error })
        return null
      }
    }
    const variables = Object.fromEntries(template.variables.map(({ name }) => [name, values[name]!.trim()]))
    const location = place && place !== 'shortened' && header?.kind === 'LOCATION' ? { latitude: place.latitude, longitude: place.longitude, name: place.name } : undefined
    return { more: { type: 'TEMPLATE', template: { templateId: template.id, variables, mediaId }, location }, content: textOf(filled(template, values)) }
  }
  const { onSend } = useOut()
  const submit = async () => {
    const made = await make()
    if (made) onSend(made.more, made.content)
  }
  const choose = (next: Template | null) => {
    setTemplate(next)
    setPressed(false)
    setUpload(null)
    setFile(null)
    setValues(begun(next, conversation))
  }
  return (
    <Dialog
      open
      sheet
      width="lg"
      onOpenChange={(open) => !open && onClose()}
      title={template ? template.name : t('composer.template.title')}
      closeLabel={t('action.close')}
      footer={
        template && (
          <>
            <Button icon={<BackIcon size={15} />} onClick={() => choose(null)} className="mr-auto">{t('composer.template.other')}</Button>
            <PlanLater make={make} disabled={busy} />
            <Button kind="primary" busy={busy} onClick={() => void submit()}>{t('composer.send')}</Button>
          </>
        )
      }
    >
      {!template ? (
        <TemplateList channelId={conversation.channelId} onPick={choose} />
      ) : (
        <form
          className="grid gap-x-6 gap-y-5 sm:grid-cols-[minmax(0,1fr)_16rem]"
          onSubmit={(event) => {
            event.preventDefault()
            void submit()
          }}
        >
          <div className="flex min-w-0 flex-col gap-4">
            {upload && 'error' in upload && <Notice tone="bad" role="alert">{errorWords(upload.error)}</Notice>}
            {fileHeader && <HeaderFile kind={fileHeader} file={file} onFile={setFile} error={pressed && !file ? t('field.required') : undefined} />}
            {header?.kind === 'LOCATION' && (
              <TextField label={t('composer.location.where')} hint={t('composer.location.hint')} value={where} onChange={(event) => setWhere(event.target.value)} error={pressed && (!place || place === 'shortened') ? (where.trim() === '' ? t('field.required') : place === 'shortened' ? t('composer.location.shortened') : t('composer.location.unread')) : undefined} />
            )}
            {template.variables.map((gap) => (
              <TextField
                key={gap.name}
                label={gapWords(gap, t)}
                placeholder={gap.example ?? undefined}
                value={values[gap.name] ?? ''}
                onChange={(event) => setValues({ ...values, [gap.name]: event.target.value })}
                error={wrong[gap.name] && (pressed || wrong[gap.name] !== 'required') ? t(`composer.template.gap.${wrong[gap.name]!}`) : undefined}
              />
            ))}
            {template.variables.length === 0 && !fileHeader && header?.kind !== 'LOCATION' && <p className="text-sm text-text-3">{t('composer.template.nothingToFill')}</p>}
            <button type="submit" hidden />
          </div>
          <Preview template={template} values={values} file={file} />
        </form>
      )}
    </Dialog>
  )
}

/** The customer's name is what most templates begin with. */
function begun(template: Template | null | undefined, conversation: Conversation): Values {
  const gap = template?.variables.find(({ where }) => where === 'body')
  return gap && /^(1|.*name|nome|nombre|nom)$/i.test(gap.name) ? { [gap.name]: firstName(conversation) } : {}
}

const firstName = (conversation: Conversation): string => {
  const name = customerName(conversation)
  return /^\p{L}/u.test(name) ? name.split(' ')[0]! : ''
}

function gapWords(gap: TemplateGap, t: Translate): string {
  const name = gap.name.replace(/^(header|button)\./, '')
  if (gap.where === 'header') return t('composer.template.gapHeader')
  if (gap.where === 'button') return t('composer.template.gapButton', { number: (gap.button ?? 0) + 1 })
  return /^\d+$/.test(name) ? t('composer.template.gapNumber', { number: Number(name) }) : name.replaceAll('_', ' ')
}

function HeaderFile({ kind, file, onFile, error }: { kind: FileHeader; file: File | null; onFile: (file: File | null) => void; error?: string }) {
  const t = useT()
  return (
    <Field label={t(`composer.template.file.${kind}`)} hint={file ? undefined : t('composer.template.fileHint')} error={error}>
      {(control) => <Input {...control} type="file" accept={ACCEPTED[kind]} onChange={(event) => onFile(event.target.files?.[0] ?? null)} className="py-1.5 file:mr-3 file:rounded-md file:border-0 file:bg-selected file:px-2 file:py-0.5 file:text-sm file:text-text" />}
    </Field>
  )
}

/** As it will stand on the customer's phone. */
function Preview({ template, values, file }: { template: Template; values: Values; file: File | null }) {
  const t = useT()
  const { header, body, footer, buttons } = filled(template, values)
  const [url, setUrl] = useState<{ file: File; url: string } | null>(null)
  if (file && url?.file !== file) setUrl({ file, url: URL.createObjectURL(file) })
  return (
    <section aria-label={t('composer.preview')} className="sm:sticky sm:top-0 sm:self-start">
      <p className="mb-1.5 text-2xs font-semibold tracking-wide text-text-3 uppercase">{t('composer.preview')}</p>
      <div className="rounded-xl bg-canvas p-3">
        <div className="overflow-hidden rounded-xl bg-bubble-out text-bubble-out-text">
          {file && url && template.header?.kind === 'IMAGE' && <img src={url.url} alt="" className="max-h-40 w-full object-cover" />}
          {file && template.header?.kind !== 'IMAGE' && <p className="flex items-center gap-2 bg-current/5 px-3 py-2 text-sm"><FileIcon size={16} /><span className="truncate">{file.name}</span></p>}
          <div className="px-3 py-2">
            {header && <p className="font-semibold break-words">{header}</p>}
            <p className="text-base break-words whitespace-pre-wrap">{body}</p>
            {footer && <p className="mt-0.5 text-xs break-words opacity-75">{footer}</p>}
          </div>
          {buttons.map((button, index) => {
            const kind = template.buttons[index]!.kind
            const Icon = kind === 'URL' ? LinkIcon : kind === 'PHONE' ? PhoneIcon : ReplyIcon
            return (
              <p key={index} title={button.url} className="flex min-h-9 items-center justify-center gap-1.5 border-t border-bubble-in-line bg-bubble-in px-3 text-center text-sm font-medium break-words text-read">
                <Icon size={14} />
                {button.text}
              </p>
            )
          })}
        </div>
      </div>
    </section>
  )
}
