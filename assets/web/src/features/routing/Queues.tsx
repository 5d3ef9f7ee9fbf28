import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { cache, useRecords } from '@/api/cache'
import { queues as calls } from '@/api/calls'
import type { Queue } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { can } from '@/app/session'
import { usePeople, useQueues } from '@/features/conversations/directory'
import { Avatar } from '@/ui/avatar'
import { Button, IconButton } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { EmptyState, Notice, Skeleton } from '@/ui/feedback'
import { FlagIcon, MoreIcon, PlusIcon, QueueIcon, SettingsIcon, TrashIcon } from '@/ui/icons'
import { Menu, MenuItem, MenuSeparator } from '@/ui/menu'
import { Page } from '@/ui/page'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { QueueDialog } from './QueueDialog'

/** Queues shown at first, and added each time one asks for more. */
const ROWS = 100
/** Faces shown before the rest becomes a number. */
const FACES = 5

/** Where conversations wait, and who works there. */
export default function Queues() {
  const t = useT()
  const list = useQueues()
  usePeople()
  const queues = useRecords('queue').toSorted((a, b) => a.name.localeCompare(b.name))
  const may = can('queue.manage')
  const [rows, setRows] = useState(ROWS)
  const [open, setOpen] = useState<Queue | 'new' | null>(null)
  const [leaving, setLeaving] = useState<Queue | null>(null)
  const failed = (error: unknown) => toast(errorWords(error), { tone: 'bad' })
  const remove = useMutation({
    mutationFn: (queue: Queue) => calls.remove(queue.id),
    onSuccess: (_, queue) => {
      cache.remove(queue.id, 'queue')
      toast(t('queues.deleted', { name: queue.name }))
    },
    onError: failed,
  })
  const makeDefault = useMutation({
    mutationFn: (queue: Queue) => calls.update(queue.id, { isDefault: true }),
    onSuccess: (queue) => {
      cache.put('queue', queue)
      // The one that was the default before is another record now.
      void queryClient.invalidateQueries({ queryKey: ['directory', 'queues'] })
      toast(t('action.saved'))
    },
    onError: failed,
  })
  return (
    <Page title={t('queues.title')} intro={t('queues.intro')} actions={may && <Button kind="primary" icon={<PlusIcon size={16} />} onClick={() => setOpen('new')}>{t('queues.create')}</Button>}>
      {list.error && <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void list.refetch()}>{t('action.retry')}</Button>}>{errorWords(list.error)}</Notice>}
      {list.isPending && <div className="flex flex-col gap-2">{[0, 1, 2].map((row) => <Skeleton key={row} className="h-14" />)}</div>}
      {list.data && queues.length === 0 && <EmptyState icon={<QueueIcon />} title={t('queues.none')} />}
      {queues.length > 0 && (
        <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface shadow-xs">
          {queues.slice(0, rows).map((queue) => (
            <li key={queue.id} className="flex items-center gap-3 px-4 py-3">
              <span aria-hidden="true" className="size-3.5 shrink-0 rounded-full border border-line" style={{ background: queue.color ?? undefined }} />
              <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-1">
                <span className="flex min-w-40 flex-1 flex-wrap items-center gap-1.5 text-sm font-medium">
                  {queue.name}
                  {queue.isDefault && <Badge tone="accent">{t('queues.default')}</Badge>}
                </span>
                {can('user.read') && <Workers queueId={queue.id} />}
              </div>
              {may && (
                <Menu trigger={<IconButton label={t('people.actionsOf', { name: queue.name })}><MoreIcon /></IconButton>}>
                  <MenuItem icon={<SettingsIcon size={16} />} onSelect={() => setOpen(queue)}>{t('action.edit')}</MenuItem>
                  {!queue.isDefault && (
                    <>
                      <MenuItem icon={<FlagIcon size={16} />} onSelect={() => makeDefault.mutate(queue)}>{t('queues.makeDefault')}</MenuItem>
                      <MenuSeparator />
                      <MenuItem danger icon={<TrashIcon size={16} />} onSelect={() => setLeaving(queue)}>{t('action.delete')}</MenuItem>
                    </>
                  )}
                </Menu>
              )}
            </li>
          ))}
        </ul>
      )}
      {queues.length > rows && <Button className="self-center" onClick={() => setRows(rows + ROWS)}>{t('list.more')}</Button>}
      {open !== null && <QueueDialog queue={open === 'new' ? null : open} count={queues.length} onClose={() => setOpen(null)} />}
      <Confirm open={leaving !== null} onOpenChange={(open) => !open && setLeaving(null)} title={t('queues.deleteTitle', { name: leaving?.name ?? '' })} confirm={t('action.delete')} cancel={t('action.cancel')} danger onConfirm={() => leaving && remove.mutate(leaving)}>
        {t('queues.deleteHint')}
      </Confirm>
    </Page>
  )
}

function Workers({ queueId }: { queueId: string }) {
  const t = useT()
  const people = useRecords('user').filter((user) => user.isActive && user.queueIds.includes(queueId)).toSorted((a, b) => a.name.localeCompare(b.name))
  if (people.length === 0) return <span className="text-xs text-text-3">{t('queues.nobody')}</span>
  const names = people.map((user) => user.name).join(', ')
  return (
    <span className="flex items-center gap-2 text-xs text-text-3" title={names}>
      <span className="flex -space-x-1.5" aria-hidden="true">{people.slice(0, FACES).map((user) => <Avatar key={user.id} name={user.name} id={user.id} size="sm" presence={user.status} />)}</span>
      <span aria-hidden="true">{t('queues.people', { count: people.length })}</span>
      <span className="sr-only">{t('queues.workers', { names })}</span>
    </span>
  )
}
