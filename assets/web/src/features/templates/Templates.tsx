import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { templates as calls } from '@/api/calls'
import type { Channel, Template, TemplatesSynced } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { i18n, useT, wordsFor, type MessageId } from '@/app/i18n'
import { go } from '@/app/go'
import { queryClient } from '@/app/query'
import { can } from '@/app/session'
import { languageWords } from '@/features/conversations/composer/templates'
import { Button } from '@/ui/button'
import { EmptyState, Notice, Skeleton } from '@/ui/feedback'
import { Input } from '@/ui/field'
import { CloseIcon, PlusIcon, RetryIcon, SearchIcon, TemplateIcon } from '@/ui/icons'
import { Card, Page } from '@/ui/page'
import { Select } from '@/ui/select'
import { toast } from '@/ui/toasts'
import { ALL, filtered, valuesOf, type Filter } from './list'
import { useTemplateChannels, useTemplates } from './data'
import { QualityMark, StatusMark } from './marks'

/** The messages that may be sent after a day of silence: found, brought up to date, and written. */
export default function Templates() {
  const t = useT()
  const list = useTemplates()
  const channels = useTemplateChannels()
  const [filter, setFilter] = useState<Filter>(ALL)
  const all = list.data ?? []
  const shown = filtered(all, filter)
  const manages = can('template.manage')
  const create = manages && channels.length > 0 && <Button kind="primary" icon={<PlusIcon size={16} />} onClick={() => go('/settings/templates/new')}>{t('templates.new')}</Button>
  return (
    <Page title={t('templates.title')} intro={t('templates.intro')} actions={<>{manages && channels.length > 0 && <Sync channels={channels} />}{create}</>} wide>
      {list.error ? (
        <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void list.refetch()}>{t('action.retry')}</Button>}>{errorWords(list.error)}</Notice>
      ) : list.isPending ? (
        <Skeleton shape="box" className="h-72" />
      ) : all.length === 0 ? (
        <Card>
          <EmptyState icon={<TemplateIcon />} title={t('templates.empty')} action={channels.length === 0 && can('channel.manage') && <Button kind="primary" onClick={() => go('/settings/channels/new')}>{t('channels.connect')}</Button>}>
            {t(channels.length > 0 ? 'templates.emptyHint' : 'templates.noChannel')}
          </EmptyState>
        </Card>
      ) : (
        <>
          <Filters filter={filter} onChange={setFilter} templates={all} channels={channels} />
          <p role="status" className="sr-only">{t('templates.count', { count: shown.length })}</p>
          {shown.length === 0 ? (
            <Card><EmptyState icon={<SearchIcon />} title={t('templates.noHits')} action={<Button onClick={() => setFilter(ALL)}>{t('templates.clear')}</Button>} /></Card>
          ) : (
            <ul className="overflow-hidden rounded-lg border border-line bg-surface shadow-xs">
              {shown.map((template) => <li key={template.id} className="border-b border-line last:border-b-0"><Row template={template} channel={channels.length > 1 ? channels.find(({ id }) => id === template.channelId) : undefined} /></li>)}
            </ul>
          )}
        </>
      )}
    </Page>
  )
}

function Row({ template, channel }: { template: Template; channel: Channel | undefined }) {
  const t = useT()
  const format = useFormat()
  const about = [wordsFor('templateCategory', template.category, 'templateCategory.UTILITY'), languageWords(template.language, i18n.locale), channel?.name].filter(Boolean).join(' · ')
  return (
    <Link to={`/settings/templates/${template.id}`} className="flex flex-col gap-1 px-4 py-3 -outline-offset-2 transition-colors hover:bg-hover">
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="min-w-0 text-base font-semibold break-all">{template.name}</span>
        <StatusMark status={template.status} />
        <QualityMark template={template} />
        <time dateTime={template.updatedAt} title={format.full(template.updatedAt)} className="ml-auto text-xs text-text-3 max-sm:hidden">{format.relative(template.updatedAt)}</time>
      </span>
      <span className="truncate-2 text-sm text-text-2">{template.body || t('templates.codeBody')}</span>
      <span className="text-xs text-text-3">{about}</span>
      {template.reason && <span lang="en" className="text-xs break-words text-bad">{template.reason}</span>}
    </Link>
  )
}

/** Narrows the list; each choice offers what occurs. */
function Filters({ filter, onChange, templates, channels }: { filter: Filter; onChange: (filter: Filter) => void; templates: readonly Template[]; channels: readonly Channel[] }) {
  const t = useT()
  const put = (key: keyof Filter) => (value: string) => onChange({ ...filter, [key]: value })
  const choice = (key: keyof Filter, every: MessageId, options: { value: string; label: string }[]) =>
    options.length > 1 && <Select label={t(`templates.filter.${key as 'status'}`)} className="w-auto! min-w-36 max-sm:flex-1" value={filter[key]} onChange={put(key)} options={[{ value: '', label: t(every) }, ...options]} />
  const narrowed = Object.values(filter).some((value) => value !== '')
  return (
    <search className="flex flex-wrap items-center gap-2">
      <span className="relative min-w-56 flex-1 max-sm:basis-full">
        <SearchIcon size={16} className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-text-3" />
        <Input type="search" aria-label={t('templates.search')} placeholder={t('templates.search')} value={filter.q} onChange={(event) => put('q')(event.target.value)} className="pl-8.5" />
      </span>
      {choice('channelId', 'templates.every.channelId', channels.map(({ id, name }) => ({ value: id, label: name })))}
      {choice('status', 'templates.every.status', valuesOf(templates, 'status').map((value) => ({ value, label: wordsFor('templateStatus', value, 'templateStatus.PENDING') })))}
      {choice('language', 'templates.every.language', valuesOf(templates, 'language').map((value) => ({ value, label: languageWords(value, i18n.locale) })))}
      {choice('category', 'templates.every.category', valuesOf(templates, 'category').map((value) => ({ value, label: wordsFor('templateCategory', value, 'templateCategory.UTILITY') })))}
      {choice('quality', 'templates.every.quality', valuesOf(templates, 'quality').map((value) => ({ value, label: wordsFor('channelQuality', value, 'channelQuality.UNKNOWN') })))}
      {narrowed && <Button kind="quiet" className="h-9 max-sm:h-11" icon={<CloseIcon size={14} />} onClick={() => onChange(ALL)}>{t('templates.clear')}</Button>}
    </search>
  )
}

/** Brings every channel's list up to date, one after the other, and says how far it is and what it found. */
function Sync({ channels }: { channels: readonly Channel[] }) {
  const t = useT()
  const [at, setAt] = useState<number | null>(null)
  const run = async () => {
    const sum: TemplatesSynced = { found: 0, created: 0, updated: 0, deleted: 0 }
    for (const [index, channel] of channels.entries()) {
      setAt(index)
      try {
        const found = await calls.sync(channel.id)
        for (const key of Object.keys(sum) as (keyof TemplatesSynced)[]) sum[key] += found[key]
      } catch (error) {
        // One account that is away keeps nobody from the others' lists.
        toast(`${channel.name}: ${errorWords(error)}`, { tone: 'bad' })
      }
    }
    setAt(null)
    toast(t('templates.synced', { ...sum }))
    void queryClient.invalidateQueries({ queryKey: ['templates'] })
  }
  return (
    <span className="flex items-center gap-2.5">
      <span role="status" className="text-xs text-text-3 empty:hidden">{at !== null && (channels.length > 1 ? t('templates.syncing', { at: at + 1, all: channels.length }) : t('templates.syncingOne'))}</span>
      <Button icon={<RetryIcon size={16} />} busy={at !== null} onClick={() => void run()}>{t('templates.sync')}</Button>
    </span>
  )
}
