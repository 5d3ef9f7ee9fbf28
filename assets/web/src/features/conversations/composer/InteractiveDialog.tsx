import { useState } from 'react'
import { FormDialog } from '@/app/form'
import { useT } from '@/app/i18n'
import { Button, IconButton } from '@/ui/button'
import { CloseIcon, LinkIcon, ListIcon, PlusIcon, ReplyIcon } from '@/ui/icons'
import type { Limits } from './abilities'
import { Counted } from './Counted'
import { emptyDraft, moreOf, problemsOf, rowsIn, type Draft, type Problems } from './more'
import { PlanLater, useSend, type Made } from './ways-out'

/** Puts together words with buttons, a list or a link below, and shows what the customer will see. */
export default function InteractiveDialog({ kind, body, limits, onClose }: { kind: Draft['kind']; body: string; limits: Limits; onClose: () => void }) {
  const t = useT()
  const [draft, setDraft] = useState<Draft>(() => ({ ...emptyDraft(kind), body }))
  const [refusals, setRefusals] = useState(0)
  const set = (patch: Partial<Draft>) => setDraft((current) => ({ ...current, ...patch }))
  const found = problemsOf(draft, limits)
  // What is missing is said after the button was pressed; what is too long at once.
  const problems = Object.fromEntries(Object.entries(found).filter(([, code]) => refusals > 0 || code === 'tooLong')) as Problems
  const make = (): Made | null => {
    if (Object.keys(found).length > 0) {
      setRefusals(refusals + 1)
      return null
    }
    return { more: moreOf(draft), content: draft.body.trim() }
  }
  const submit = useSend(make)
  return (
    <FormDialog
      byButton
      width="lg"
      title={t(`composer.build.${kind}`)}
      submit={t('composer.send')}
      note={
        <>
          {refusals > 0 && Object.keys(found).length > 0 && <span role="alert" className="mr-auto self-center text-xs text-bad">{t('composer.build.incomplete')}</span>}
          <PlanLater make={make} />
        </>
      }
      refusals={refusals}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className="grid gap-x-6 gap-y-5 sm:grid-cols-[minmax(0,1fr)_15rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Counted label={t('composer.build.header')} optional max={limits.header} value={draft.header} onWrite={(header) => set({ header })} problem={problems.header} />
          <Counted label={t('composer.build.body')} multiline max={limits.interactiveBody} value={draft.body} onWrite={(next) => set({ body: next })} problem={problems.body} />
          {kind === 'BUTTONS' && <Buttons draft={draft} set={set} limits={limits} problems={problems} />}
          {kind === 'LIST' && <Rows draft={draft} set={set} limits={limits} problems={problems} />}
          {kind === 'LINK' && (
            <>
              <Counted label={t('composer.build.linkTitle')} max={limits.buttonTitle} value={draft.linkTitle} onWrite={(linkTitle) => set({ linkTitle })} problem={problems.linkTitle} />
              <Counted label={t('composer.build.url')} max={limits.url} value={draft.url} onWrite={(url) => set({ url })} problem={problems.url} placeholder="https://" inputMode="url" />
            </>
          )}
          <Counted label={t('composer.build.footer')} optional max={limits.footer} value={draft.footer} onWrite={(footer) => set({ footer })} problem={problems.footer} />
        </div>
        <Preview draft={draft} />
      </div>
    </FormDialog>
  )
}

interface Part {
  draft: Draft
  set: (patch: Partial<Draft>) => void
  limits: Limits
  problems: Problems
}

function Buttons({ draft: { buttons }, set, limits, problems }: Part) {
  const t = useT()
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium text-text-2">{t('composer.build.buttons', { count: buttons.length, max: limits.buttons })}</legend>
      {buttons.map((title, index) => (
        <div key={index} className="flex items-start gap-1.5">
          <Counted bare label={t('composer.build.button', { number: index + 1 })} max={limits.buttonTitle} value={title} onWrite={(next) => set({ buttons: buttons.map((other, at) => (at === index ? next : other)) })} problem={problems[`button.${index}`]} placeholder={t('composer.build.button', { number: index + 1 })} />
          {buttons.length > 1 && <IconButton label={t('composer.build.remove', { what: title || t('composer.build.button', { number: index + 1 }) })} onClick={() => set({ buttons: buttons.filter((_, at) => at !== index) })} className="mt-0.5"><CloseIcon size={15} /></IconButton>}
        </div>
      ))}
      {buttons.length < limits.buttons && <Button size="sm" kind="quiet" icon={<PlusIcon size={14} />} onClick={() => set({ buttons: [...buttons, ''] })} className="self-start">{t('composer.build.addButton')}</Button>}
    </fieldset>
  )
}

function Rows({ draft, set, limits, problems }: Part) {
  const t = useT()
  const { sections } = draft
  const count = rowsIn(draft)
  const setSection = (at: number, patch: Partial<Draft['sections'][number]>) => set({ sections: sections.map((section, index) => (index === at ? { ...section, ...patch } : section)) })
  return (
    <>
      <Counted label={t('composer.build.listButton')} max={limits.buttonTitle} value={draft.listButton} onWrite={(listButton) => set({ listButton })} problem={problems.listButton} />
      <p className="-mb-2 text-sm font-medium text-text-2">{t('composer.build.rows', { count, max: limits.rows })}</p>
      {sections.map((section, s) => (
        <fieldset key={s} className="flex flex-col gap-2 rounded-lg border border-line p-3">
          <legend className="sr-only">{t('composer.build.section', { number: s + 1 })}</legend>
          <div className="flex items-start gap-1.5">
            <Counted bare label={t('composer.build.section', { number: s + 1 })} max={limits.sectionTitle} value={section.title} onWrite={(title) => setSection(s, { title })} problem={problems[`section.${s}`]} placeholder={t('composer.build.section', { number: s + 1 })} />
            {sections.length > 1 && <IconButton label={t('composer.build.remove', { what: section.title || t('composer.build.section', { number: s + 1 }) })} onClick={() => set({ sections: sections.filter((_, at) => at !== s) })}><CloseIcon size={15} /></IconButton>}
          </div>
          {section.rows.map((row, r) => {
            const setRow = (patch: Partial<typeof row>) => setSection(s, { rows: section.rows.map((other, at) => (at === r ? { ...other, ...patch } : other)) })
            return (
              <div key={r} className="flex items-start gap-1.5 border-t border-line pt-2">
                <div className="flex min-w-0 flex-1 flex-col gap-1.5">
                  <Counted bare label={t('composer.build.row', { number: r + 1 })} max={limits.rowTitle} value={row.title} onWrite={(title) => setRow({ title })} problem={problems[`row.${s}.${r}`]} placeholder={t('composer.build.row', { number: r + 1 })} />
                  <Counted bare label={t('composer.build.rowDescription', { number: r + 1 })} max={limits.rowDescription} value={row.description} onWrite={(description) => setRow({ description })} problem={problems[`description.${s}.${r}`]} placeholder={t('composer.build.description')} />
                </div>
                {section.rows.length > 1 && <IconButton label={t('composer.build.remove', { what: row.title || t('composer.build.row', { number: r + 1 }) })} onClick={() => setSection(s, { rows: section.rows.filter((_, at) => at !== r) })}><CloseIcon size={15} /></IconButton>}
              </div>
            )
          })}
          {count < limits.rows && <Button size="sm" kind="quiet" icon={<PlusIcon size={14} />} onClick={() => setSection(s, { rows: [...section.rows, { title: '', description: '' }] })} className="self-start">{t('composer.build.addRow')}</Button>}
        </fieldset>
      ))}
      {sections.length < limits.sections && count < limits.rows && <Button size="sm" kind="quiet" icon={<PlusIcon size={14} />} onClick={() => set({ sections: [...sections, { title: '', rows: [{ title: '', description: '' }] }] })} className="self-start">{t('composer.build.addSection')}</Button>}
    </>
  )
}

/** As it will stand on the customer's phone. */
function Preview({ draft }: { draft: Draft }) {
  const t = useT()
  const button = 'flex min-h-9 items-center justify-center gap-1.5 px-3 text-center text-sm font-medium text-read break-words'
  return (
    <section aria-label={t('composer.preview')} className="sm:sticky sm:top-0 sm:self-start">
      <p className="mb-1.5 text-2xs font-semibold tracking-wide text-text-3 uppercase">{t('composer.preview')}</p>
      <div className="flex flex-col gap-1 rounded-xl bg-canvas p-3">
        <div className="overflow-hidden rounded-xl border border-bubble-in-line bg-bubble-out text-bubble-out-text">
          <div className="px-3 py-2">
            {draft.header.trim() && <p className="font-semibold break-words">{draft.header}</p>}
            <p className="text-base break-words whitespace-pre-wrap">{draft.body.trim() === '' ? <span className="opacity-75">{t('composer.build.bodyHere')}</span> : draft.body}</p>
            {draft.footer.trim() && <p className="mt-0.5 text-xs break-words opacity-75">{draft.footer}</p>}
          </div>
          {draft.kind !== 'BUTTONS' && <div className="border-t border-bubble-in-line bg-bubble-in"><p className={button}>{draft.kind === 'LIST' ? <><ListIcon size={15} />{draft.listButton || '…'}</> : <><LinkIcon size={15} />{draft.linkTitle || '…'}</>}</p></div>}
        </div>
        {draft.kind === 'BUTTONS' && draft.buttons.map((title, index) => <p key={index} className={`${button} rounded-xl border border-bubble-in-line bg-bubble-in`}><ReplyIcon size={14} />{title || '…'}</p>)}
        {draft.kind === 'LIST' && (
          <div className="mt-1 rounded-xl border border-bubble-in-line bg-bubble-in py-1.5">
            {draft.sections.map((section, s) => (
              <div key={s}>
                {section.title.trim() && <p className="px-3 pt-1 text-xs font-semibold text-text-3 break-words">{section.title}</p>}
                {section.rows.map((row, r) => (
                  <p key={r} className="px-3 py-1 text-sm break-words">
                    {row.title || '…'}
                    {row.description.trim() && <span className="block text-xs text-text-3">{row.description}</span>}
                  </p>
                ))}
              </div>
            ))}
          </div>
        )}
      </div>
    </section>
  )
}
