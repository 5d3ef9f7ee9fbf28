import { useQuery } from '@tanstack/react-query'
import { cache, useRecords } from '@/api/cache'
import { channels } from '@/api/calls'
import { useT } from '@/app/i18n'
import { can } from '@/app/session'
import { Button } from '@/ui/button'
import { Select } from '@/ui/select'
import { ALL, isNarrowed, KINDS, SPANS, type Narrowed } from './filters'

/** Narrows the messages down: of which kind, by whom, over which channel, since when. */
export function Filters({ by, onChange }: { by: Narrowed; onChange: (by: Narrowed) => void }) {
  const t = useT()
  useQuery({
    queryKey: ['directory', 'channels'],
    enabled: can('channel.read'),
    queryFn: async () => {
      cache.putAll('channel', await channels.all())
      return true
    },
  })
  const known = useRecords('channel')
  const set = (change: Partial<Narrowed>) => onChange({ ...by, ...change })
  return (
    <div role="group" aria-label={t('search.filters')} className="mx-auto flex max-w-3xl flex-wrap items-center gap-x-1 px-2 pb-2 sm:px-6">
      <Select quiet label={t('search.kind')} value={by.type} onChange={(type) => set({ type })} options={[{ value: '', label: t('search.kind.any') }, ...KINDS.map((value) => ({ value, label: t(`messageType.${value}`) }))]} />
      <Select quiet label={t('search.who')} value={by.direction} onChange={(direction) => set({ direction })} options={[{ value: '', label: t('search.who.any') }, { value: 'INBOUND', label: t('search.who.INBOUND') }, { value: 'OUTBOUND', label: t('search.who.OUTBOUND') }]} />
      {known.length > 1 && <Select quiet label={t('word.channel')} value={by.channelId} onChange={(channelId) => set({ channelId })} options={[{ value: '', label: t('search.channel.any') }, ...known.map(({ id, name }) => ({ value: id, label: name }))]} />}
      <Select quiet label={t('search.since')} value={by.days} onChange={(days) => set({ days })} options={SPANS.map((value) => ({ value, label: t(value === '' ? 'search.since.any' : `search.since.${value}`) }))} />
      {isNarrowed(by) && <Button size="sm" kind="quiet" onClick={() => onChange(ALL)}>{t('search.clear')}</Button>}
    </div>
  )
}
