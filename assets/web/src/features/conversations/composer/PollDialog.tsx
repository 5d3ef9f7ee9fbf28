import { useState } from 'react'
import { FormDialog } from '@/app/form'
import { useT } from '@/app/i18n'
import { Button, IconButton } from '@/ui/button'
import { Switch } from '@/ui/controls'
import { CloseIcon, PlusIcon } from '@/ui/icons'
import type { Limits } from './abilities'
import { Counted } from './Counted'
import { pollOf, pollProblemsOf, type PollDraft, type Problems } from './more'
import { PlanLater, useSend, type Made } from './ways-out'

/** Asks the customer to choose among answers. */
export default function PollDialog({ limits, onClose }: { limits: Limits; onClose: () => void }) {
  const t = useT()
  const [draft, setDraft] = useState<PollDraft>({ question: '', options: ['', ''], isMultiple: false })
  const [refusals, setRefusals] = useState(0)
  const set = (patch: Partial<PollDraft>) => setDraft((current) => ({ ...current, ...patch }))
  const found = pollProblemsOf(draft, limits)
  const problems = Object.fromEntries(Object.entries(found).filter(([, code]) => refusals > 0 || code === 'tooLong')) as Problems
  const make = (): Made | null => {
    if (Object.keys(found).length > 0) {
      setRefusals(refusals + 1)
      return null
    }
    return { more: pollOf(draft), content: draft.question.trim() }
  }
  const submit = useSend(make)
  return (
    <FormDialog byButton title={t('composer.poll.title')} submit={t('composer.send')} note={<PlanLater make={make} />} refusals={refusals} onSubmit={submit} onClose={onClose}>
      <Counted label={t('composer.poll.question')} max={limits.pollQuestion} value={draft.question} onWrite={(question) => set({ question })} problem={problems.question} />
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1.5 text-sm font-medium text-text-2">{t('composer.poll.options')}</legend>
        {draft.options.map((option, index) => (
          <div key={index} className="flex items-start gap-1.5">
            <Counted bare label={t('composer.poll.option', { number: index + 1 })} max={limits.pollOption} value={option} onWrite={(next) => set({ options: draft.options.map((other, at) => (at === index ? next : other)) })} problem={problems[`option.${index}`]} placeholder={t('composer.poll.option', { number: index + 1 })} />
            {draft.options.length > 2 && <IconButton label={t('composer.build.remove', { what: option || t('composer.poll.option', { number: index + 1 }) })} onClick={() => set({ options: draft.options.filter((_, at) => at !== index) })}><CloseIcon size={15} /></IconButton>}
          </div>
        ))}
        {draft.options.length < limits.pollOptions && <Button size="sm" kind="quiet" icon={<PlusIcon size={14} />} onClick={() => set({ options: [...draft.options, ''] })} className="self-start">{t('composer.poll.addOption')}</Button>}
      </fieldset>
      <Switch checked={draft.isMultiple} onChange={(isMultiple) => set({ isMultiple })} label={t('composer.poll.multiple')} />
    </FormDialog>
  )
}
