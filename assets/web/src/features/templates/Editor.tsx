import type { UseMutationResult } from '@tanstack/react-query'
import { useRef, useState, type ReactNode } from 'react'
import { messages } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Channel, Template } from '@/api/types'
import { errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { Form } from '@/app/form'
import { i18n, useT } from '@/app/i18n'
import { MarkButtons, markOf, putMark, putText } from '@/features/conversations/composer/MarkButtons'
import { languageWords } from '@/features/conversations/composer/templates'
import { cx } from '@/lib/cx'
import { usePanes } from '@/lib/media'
import { Button } from '@/ui/button'
import { Checkbox, Segments } from '@/ui/controls'
import { Field, Input, TextArea, TextField } from '@/ui/field'
import { PlusIcon } from '@/ui/icons'
import { Card } from '@/ui/page'
import { Select } from '@/ui/select'
import { ButtonRows } from './ButtonRows'
import { CATEGORIES, gapsOf, HEADERS, LANGUAGES, lengthOf, LIMITS, nextGap, problemsOf, shownDraft, type Draft, type HeaderKind } from './draft'
import { pictureOf } from './picture'
import { Preview } from './Preview'
import { Refused } from './TemplatePage'

interface Props {
  draft: Draft
  onChange: (draft: Draft) => void
  /** Of a new one: where it is handed in. */
  channels?: readonly Channel[]
  channelId?: string
  onChannel?: (channelId: string) => void
  /** The one that is changed; its name and language stay. */
  existing?: Template
  save: UseMutationResult<Template, Error, void>
  submit: string
  onCancel: () => void
}

/** Problems that are told while one writes; the rest waits until one hands it in. */
const AT_ONCE = new Set(['too_long', 'small_letters', 'no_gap', 'one_gap', 'plain', 'gap_touching', 'gap_names', 'gap_numbers', 'answers_together', 'gap_at_end'])

/** Writes a template beside how it will read; every limit is counted before anybody is asked. */
export function Editor({ draft, onChange, channels, channelId, onChannel, existing, save, submit, onCancel }: Props) {
  const t = useT()
  const area = useRef<HTMLTextAreaElement>(null)
  const [picture, setPicture] = useState(() => pictureOf(draft.mediaId))
  const put = (change: Partial<Draft>) => {
    if (save.error) save.reset()
    onChange({ ...draft, ...change })
  }
  const problems = problemsOf(draft)
  const told = new ApiError({ status: 400, code: 'invalid', errors: problems.filter(({ code }) => AT_ONCE.has(code)) })
  const problem = (field: string) => fieldWords(save.error, field) ?? fieldWords(told, field)
  const refused = save.error && !shownAtFields(save.error, (save.error as ApiError).fields?.map(({ field }) => field) ?? []) ? save.error : null
  const gaps = gapsOf(draft)
  // Six choices in a row are wider than a phone.
  const phone = usePanes() === 1
  const headers = HEADERS.map((value) => ({ value, label: t(`templates.headerKind.${value}`) }))
  const chooseHeader = (header: HeaderKind) => {
    setPicture(null)
    put({ header, mediaId: null })
  }
  const code = draft.category === 'AUTHENTICATION'
  const frozenCategory = existing?.status === 'APPROVED'
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <Form error={save.error} told fields={[]} onSubmit={() => save.mutate()} className="flex min-w-0 flex-col gap-5">
        {refused && <Refused error={refused} />}
        <Card title={t('templates.about')} className="flex flex-col gap-4 p-4">
          {channels && channels.length > 1 && (
            <Field label={t('word.channel')}>{(control) => <Select {...control} value={channelId!} onChange={onChannel!} options={channels.map(({ id, name }) => ({ value: id, label: name }))} />}</Field>
          )}
          {!existing && (
            <div className="grid gap-4 sm:grid-cols-2">
              <TextField label={t('templates.name')} hint={t('templates.nameHint')} autoComplete="off" spellCheck={false} className="font-mono" value={draft.name} onChange={(event) => put({ name: event.target.value.toLowerCase().replace(/[\s-]/g, '_') })} error={problem('name')} />
              <Field label={t('templates.language')} error={problem('language')}>
                {(control) => <Select {...control} value={draft.language} onChange={(language) => put({ language })} options={[...new Set([...LANGUAGES, draft.language])].map((value) => ({ value, label: languageWords(value, i18n.locale) }))} />}
              </Field>
            </div>
          )}
          <Field label={t('templates.category')} hint={frozenCategory ? t('templates.categoryFixed') : t(`templateCategory.${draft.category}.hint`)} error={problem('category')}>
            {(control) => <Select {...control} disabled={frozenCategory} value={draft.category} onChange={(category) => put({ category })} options={CATEGORIES.map((value) => ({ value, label: t(`templateCategory.${value}`) }))} />}
          </Field>
        </Card>
        {code ? (
          <Card title={t('templates.code')} hint={t('templates.codeHint')} className="flex flex-col gap-4 p-4">
            <Checkbox label={t('templates.codeWarns')} checked={draft.warns} onChange={(warns) => put({ warns })} />
            <TextField label={t('templates.codeMinutes')} hint={t('templates.codeMinutesHint')} inputMode="numeric" autoComplete="off" value={draft.expiresMinutes} onChange={(event) => put({ expiresMinutes: event.target.value })} error={problem('code.expiresMinutes')} />
          </Card>
        ) : (
          <>
            <Card title={t('templates.header')} hint={t('templates.headerHint')} className="flex flex-col gap-4 p-4">
              {phone ? <Select label={t('templates.header')} value={draft.header} onChange={chooseHeader} options={headers} /> : <div><Segments label={t('templates.header')} value={draft.header} onChange={chooseHeader} options={headers} /></div>}
              {draft.header === 'TEXT' && <Counted label={t('templates.headerText')} max={LIMITS.headerText} value={draft.headerText} error={problem('header.text')} onWrite={(headerText) => put({ headerText })} />}
              {(draft.header === 'IMAGE' || draft.header === 'VIDEO' || draft.header === 'DOCUMENT') && (
                <HeaderFile kind={draft.header} handed={draft.mediaId !== null} error={problem('header.mediaId')} onHanded={(mediaId, url) => { setPicture(url); put({ mediaId }) }} />
              )}
            </Card>
            <Card title={t('templates.body')} hint={t('templates.bodyHint')} className="flex flex-col gap-2 p-4">
              <Field label={<CountLabel label={t('templates.words')} value={draft.body} max={LIMITS.body} />} error={problem('body')} className="[&_label>span]:w-full">
                {(control) => (
                  <TextArea
                    {...control}
                    ref={area}
                    rows={6}
                    value={draft.body}
                    onChange={(event) => put({ body: event.target.value })}
                    onKeyDown={(event) => {
                      const mark = markOf(event)
                      if (!mark) return
                      event.preventDefault()
                      putMark(event.currentTarget, mark)
                    }}
                  />
                )}
              </Field>
              <div className="flex flex-wrap items-center justify-between gap-2">
                <MarkButtons area={area} />
                <Button size="sm" icon={<PlusIcon size={14} />} onPointerDown={(event) => event.preventDefault()} onClick={() => area.current && insert(area.current, nextGap(draft.body))}>{t('templates.addGap')}</Button>
              </div>
            </Card>
            <Card title={t('templates.footer')} hint={t('templates.footerHint')} className="p-4">
              <Counted label={t('templates.words')} max={LIMITS.footer} value={draft.footer} error={problem('footer')} onWrite={(footer) => put({ footer })} />
            </Card>
            <ButtonRows draft={draft} onChange={(next) => { if (save.error) save.reset(); onChange(next) }} problem={problem} />
            {gaps.length > 0 && (
              <Card title={t('templates.examples')} hint={t('templates.examplesHint')} className="grid gap-4 p-4 sm:grid-cols-2">
                {gaps.map((gap) => (
                  <TextField
                    key={`${gap.where} ${gap.name}`}
                    label={<span><code className="font-mono text-xs">{gap.where === 'button' ? gap.name : `{{${gap.name.replace(/^header\./, '')}}}`}</code> <span className="font-normal text-text-3">{gap.where === 'button' ? t('templates.whereButton', { number: (gap.button ?? 0) + 1 }) : t(`templates.where.${gap.where}`)}</span></span>}
                    autoComplete="off"
                    value={draft.examples[gap.name] ?? ''}
                    onChange={(event) => put({ examples: { ...draft.examples, [gap.name]: event.target.value } })}
                    error={problem(`variables.${gap.name}`)}
                  />
                ))}
              </Card>
            )}
          </>
        )}
        <div className="flex flex-wrap items-center gap-2">
          <Button kind="primary" type="submit" busy={save.isPending}>{submit}</Button>
          <Button onClick={onCancel}>{t('action.cancel')}</Button>
          <p className="text-xs text-text-3">{t('templates.handInHint')}</p>
        </div>
      </Form>
      <div className="lg:sticky lg:top-4"><Preview template={shownDraft(draft)} picture={draft.header === 'IMAGE' ? picture : null} /></div>
    </div>
  )
}

/** Puts words where the caret is, as if they were typed. */
function insert(area: HTMLTextAreaElement, words: string): void {
  const at = area.selectionStart + words.length
  putText(area, area.value.slice(0, area.selectionStart) + words + area.value.slice(area.selectionEnd), at, at)
}

function CountLabel({ label, value, max }: { label: string; value: string; max: number }): ReactNode {
  const count = lengthOf(value)
  return (
    <span className="flex w-full justify-between gap-2">
      <span>{label}</span>
      <span aria-hidden="true" className={cx('tabular', count > max ? 'font-semibold text-bad' : 'font-normal text-text-3')}>{count}/{max}</span>
    </span>
  )
}

/** A line that counts its characters against the provider's limit. */
export function Counted({ label, max, value, error, onWrite, placeholder }: { label: string; max: number; value: string; error?: string; onWrite: (value: string) => void; placeholder?: string }) {
  return (
    <Field label={<CountLabel label={label} value={value} max={max} />} error={error} className="min-w-0 [&_label>span]:w-full">
      {(control) => <Input {...control} autoComplete="off" placeholder={placeholder} value={value} onChange={(event) => onWrite(event.target.value)} />}
    </Field>
  )
}

const ACCEPTED = { IMAGE: 'image/jpeg,image/png', VIDEO: 'video/mp4,video/3gpp', DOCUMENT: 'application/pdf' }

/** The file that shows whoever looks the template over what its header will hold. */
function HeaderFile({ kind, handed, error, onHanded }: { kind: keyof typeof ACCEPTED; handed: boolean; error?: string; onHanded: (mediaId: string, url: string | null) => void }) {
  const t = useT()
  const [upload, setUpload] = useState<{ part: number } | { error: unknown } | null>(null)
  const take = async (file: File | undefined) => {
    if (!file) return
    setUpload({ part: 0 })
    try {
      const { id } = await messages.handIn(file, (part) => setUpload({ part }))
      onHanded(id, kind === 'IMAGE' ? URL.createObjectURL(file) : null)
      setUpload(null)
    } catch (failure) {
      setUpload({ error: failure })
    }
  }
  return (
    <Field label={t('templates.file')} hint={handed ? t('templates.fileThere') : t('templates.fileHint')} error={upload && 'error' in upload ? errorWords(upload.error) : error}>
      {(control) => (
        <>
          <Input {...control} type="file" accept={ACCEPTED[kind]} onChange={(event) => void take(event.target.files?.[0])} className="py-1.5 file:mr-3 file:rounded-md file:border-0 file:bg-selected file:px-2 file:py-0.5 file:text-sm file:text-text" />
          {upload && 'part' in upload && <progress value={upload.part} aria-label={t('templates.file')} className="h-1 w-full accent-(--lamp)" />}
        </>
      )}
    </Field>
  )
}
