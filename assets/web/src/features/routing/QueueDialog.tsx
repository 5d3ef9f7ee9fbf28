import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { cache } from '@/api/cache'
import { queues } from '@/api/calls'
import type { Queue } from '@/api/types'
import { demand, fieldWords } from '@/app/errors'
import { FormDialog } from '@/app/form'
import { useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { atMost, check, required } from '@/lib/check'
import { uuidv7 } from '@/lib/uuid'
import { Switch } from '@/ui/controls'
import { Field, TextField } from '@/ui/field'
import { toast } from '@/ui/toasts'

/** A first colour for a new queue: one of these in turn, so that two new ones differ. */
const COLOURS = ['#3b6fd4', '#d98324', '#2f8f6b', '#a04fb5', '#c2473f', '#4a7d8c', '#8a7a2f']

export function QueueDialog({ queue, count, onClose }: { queue: Queue | null; count: number; onClose: () => void }) {
  const t = useT()
  // Made once for this dialog: sending twice makes one queue.
  const [id] = useState(() => uuidv7())
  const [name, setName] = useState(queue?.name ?? '')
  const [color, setColor] = useState(queue?.color ?? COLOURS[count % COLOURS.length]!)
  const [isDefault, setIsDefault] = useState(queue?.isDefault ?? false)
  const save = useMutation({
    mutationFn: async () => {
      demand(check({ name }, { name: [required, atMost(100)] }))
      const change = { name: name.trim(), color }
      return queue ? queues.update(queue.id, { ...change, isDefault: isDefault && !queue.isDefault ? true : undefined }) : queues.create({ id, ...change, isDefault })
    },
    onSuccess: (saved) => {
      cache.put('queue', saved)
      // The one that was the default before is another record now.
      void queryClient.invalidateQueries({ queryKey: ['directory', 'queues'] })
      toast(t('action.saved'))
      onClose()
    },
  })
  return (
    <FormDialog width="sm" title={queue ? t('queues.edit', { name: queue.name }) : t('queues.create')} error={save.error} fields={['name', 'color']} busy={save.isPending} onSubmit={save.mutate} onClose={onClose}>
      <TextField label={t('field.name')} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} error={fieldWords(save.error, 'name')} />
      <Field label={t('queues.colour')} error={fieldWords(save.error, 'color')}>
        {(control) => <input {...control} type="color" value={color} onChange={(event) => setColor(event.target.value)} className="h-9 w-16 rounded-md border border-field-line bg-surface p-1 max-sm:h-11" />}
      </Field>
      {queue?.isDefault ? (
        <p className="text-xs text-text-3">{t('queues.isDefaultHint')}</p>
      ) : (
        <Switch checked={isDefault} onChange={setIsDefault} label={t('queues.makeDefault')} hint={t('queues.defaultHint')} />
      )}
    </FormDialog>
  )
}
