import { useRecords } from '@/api/cache'
import { useT } from '@/app/i18n'
import { useQueues } from '@/features/conversations/directory'
import { Checkbox } from '@/ui/controls'

/** The queues somebody works in. */
export function QueueChoice({ value, onChange, error }: { value: readonly string[]; onChange: (queueIds: string[]) => void; error?: string }) {
  const t = useT()
  useQueues()
  const queues = useRecords('queue').toSorted((a, b) => a.name.localeCompare(b.name))
  if (queues.length === 0) return null
  const toggle = (id: string, on: boolean) => onChange(on ? [...value, id] : value.filter((one) => one !== id))
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium text-text-2">{t('people.queues')}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {queues.map((queue) => <Checkbox key={queue.id} checked={value.includes(queue.id)} onChange={(on) => toggle(queue.id, on)} label={queue.name} />)}
      </div>
      {error && <p className="text-xs text-bad">{error}</p>}
    </fieldset>
  )
}
