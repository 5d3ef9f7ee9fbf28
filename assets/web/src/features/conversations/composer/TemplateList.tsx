import { useLingui } from '@lingui/react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { templates } from '@/api/calls'
import type { Template } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useT, wordsFor } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { Notice, Skeleton } from '@/ui/feedback'
import { Input } from '@/ui/field'
import { Select } from '@/ui/select'
import { found, isUsable, languagesOf, languageWords } from './templates'

/** So many offers stand under a closed composer before one searches among all. */
const BRIEF = 3

export const useTemplates = (channelId: string) => useQuery({ queryKey: ['template', 'of', channelId], queryFn: () => templates.all(channelId) })

interface Props {
  channelId: string
  onPick: (template: Template) => void
  /** A few of those that can be sent, without a search. */
  brief?: boolean
}

/** The templates of a channel to choose from; those that can't be sent now say why. */
export default function TemplateList({ channelId, onPick, brief }: Props) {
  const t = useT()
  const { i18n } = useLingui()
  const [q, setQ] = useState('')
  const [language, setLanguage] = useState('')
  const { data, error } = useTemplates(channelId)
  const all = data ?? []
  const shown = brief ? found(all, '', '').filter(isUsable).slice(0, BRIEF) : found(all, q, language)
  if (brief) {
    if (shown.length === 0) return null
    return (
      <ul aria-label={t('composer.template.some')} className="flex flex-col border-t border-line p-1.5">
        {shown.map((one) => <li key={one.id}><Row template={one} locale={i18n.locale} onPick={onPick} /></li>)}
      </ul>
    )
  }
  return (
    <div className="flex min-h-0 flex-col gap-2">
      <div className="flex gap-2">
        <Input type="search" aria-label={t('composer.template.search')} placeholder={t('composer.template.search')} value={q} onChange={(event) => setQ(event.target.value)} />
        {languagesOf(all).length > 1 && (
          <Select label={t('composer.template.language')} value={language} onChange={setLanguage} className="max-w-40" options={[{ value: '', label: t('composer.template.allLanguages') }, ...languagesOf(all).map((value) => ({ value, label: languageWords(value, i18n.locale) }))]} />
        )}
      </div>
      {error && <Notice tone="bad" role="alert">{errorWords(error)}</Notice>}
      {!data && !error && <Skeleton shape="box" className="h-40" />}
      {data && shown.length === 0 && <p role="status" className="py-6 text-center text-sm text-text-3">{all.length === 0 ? t('composer.template.none') : t('composer.template.noHits')}</p>}
      <ul aria-label={t('composer.template.list')} className="-mx-1.5 flex max-h-[min(24rem,50dvh)] flex-col overflow-y-auto">
        {shown.map((one) => <li key={one.id}><Row template={one} locale={i18n.locale} onPick={onPick} /></li>)}
      </ul>
    </div>
  )
}

const DOTS: Partial<Record<Template['quality'], string>> = { GREEN: 'bg-good', YELLOW: 'bg-lamp', RED: 'bg-bad' }

function Row({ template, locale, onPick }: { template: Template; locale: string; onPick: (template: Template) => void }) {
  const usable = isUsable(template)
  const quality = wordsFor('composer.template.quality', template.quality, 'composer.template.quality.UNKNOWN')
  return (
    <button type="button" disabled={!usable} onClick={() => onPick(template)} className="flex w-full flex-col gap-0.5 rounded-md px-2 py-1.5 text-left hover:bg-hover disabled:hover:bg-transparent max-sm:min-h-11">
      <span className="flex w-full items-center gap-2 text-sm">
        {DOTS[template.quality] && <span role="img" aria-label={quality} title={quality} className={cx('size-2 shrink-0 rounded-full', DOTS[template.quality])} />}
        <span className={cx('min-w-0 truncate font-medium', !usable && 'text-text-3')}>{template.name}</span>
        <span className="ml-auto shrink-0 text-xs text-text-3">{languageWords(template.language, locale)}</span>
      </span>
      <span className="truncate-2 text-xs text-text-3">{template.body}</span>
      {!usable && <span className="text-xs font-medium text-accent-text">{wordsFor('composer.template.status', template.status, 'composer.template.status.PENDING')}</span>}
    </button>
  )
}
