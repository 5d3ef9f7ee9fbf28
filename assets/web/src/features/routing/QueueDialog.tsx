import { useMutation } from '@tanstack/react-query'
import { useId, useRef, useState, type SubmitEvent } from 'react'
import { cache } from '@/api/cache'
import { queues } from '@/api/calls'
import type { Queue } from '@/api/types'
import { errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { useFocusInvalid } from '@/lib/focus-invalid'
import { uuidv7 } from '@/lib/uuid'
import { Button } from '@/ui/button'
import { Switch } from '@/ui/controls'
import { Dialog } from '@/ui/dialog'
import { Notice } from '@/ui/feedback'
import { Field, TextField } from '@/ui/field'
import { toast } from '@/ui/toasts'

/** A first colour for a new queue: one of these in turn, so that two new ones differ. */
const COLOURS = ['#3b6fd4', '#d98324', '#2f8f6b', '#a04fb5', '#c2473f', '#4a7d8c', '#8a7a2f']

export function QueueDialog({ queue, count, onClose }: { queue: Queue | null; count: number; onClose: () => void }) {
  const t = useT()
  const formId = useId()
  // Made once for this dialog: sending twice makes one queue.
  const [id] = useState(() => uuidv7())
  const [name, setName] = useState(queue?.name ?? '')
  const [color, setColor] = useState(queue?.color ?? COLOURS[count % COLOURS.length]!)
  const [isDefault, setIsDefault] = useState(queue?.isDefault ?? false)
  const save = useMutation({
    mutationFn: () => (queue ? queues.update(queue.id, { name: name.trim(), color, isDefault: isDefault && !queue.isDefault ? true : undefined }) : queues.create({ id, name: name.trim(), color, isDefault })),
    onSuccess: (saved) => {
      cache.put('queue', saved)
      // The one that was the default before is another record now.
      void queryClient.invalidateQueries({ queryKey: ['directory', 'queues'] })
      toast(t('action.saved'))
      onClose()
    },
  })
  const element = useRef<HTMLFormElement>(null)
  useFocusInvalid(element, save.error)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <Dialog
      open
      width="sm"
      onOpenChange={(open) => !open && onClose()}
      title={queue ? t('queues.edit', { name: queue.name }) : t('queues.create')}
      closeLabel={t('action.close')}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button kind="primary" type="submit" form={formId} busy={save.isPending}>{t('action.save')}</Button>
        </>
      }
    >
      <form id={formId} ref={element} onSubmit={submit} noValidate className="flex flex-col gap-4">
        {save.error && !shownAtFields(save.error, ['name', 'color']) && <Notice tone="bad" role="alert">{errorWords(save.error)}</Notice>}
        <TextField label={t('field.name')} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} error={fieldWords(save.error, 'name')} />
        <Field label={t('queues.colour')} error={fieldWords(save.error, 'color')}>
          {(control) => <input {...control} type="color" value={color} onChange={(event) => setColor(event.target.value)} className="h-9 w-16 rounded-md border border-field-line bg-surface p-1 max-sm:h-11" />}
        </Field>
        {queue?.isDefault ? (
          <p className="text-xs text-text-3">{t('queues.isDefaultHint')}</p>
        ) : (
          <Switch checked={isDefault} onChange={setIsDefault} label={t('queues.makeDefault')} hint={t('queues.defaultHint')} />
        )}
      </form>
    </Dialog>
  )
}
