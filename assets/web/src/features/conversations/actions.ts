import { cache } from '@/api/cache'
import { conversations } from '@/api/calls'
import type { Conversation, Priority } from '@/api/types'
import { errorWords } from '@/app/errors'
import { t } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { me } from '@/app/session'
import { toast } from '@/ui/toasts'

/** Shows a change at once, asks for it, and puts the record right by the answer or the refusal. */
async function change(id: string, hint: Partial<Conversation>, call: () => Promise<Conversation>): Promise<boolean> {
  const drop = cache.hint('conversation', id, hint)
  try {
    cache.put('conversation', await call())
    void queryClient.invalidateQueries({ queryKey: ['counters'] })
    return true
  } catch (error) {
    toast(errorWords(error), { tone: 'bad' })
    return false
  } finally {
    drop()
  }
}

export const take = (id: string) => change(id, { assignedTo: me()?.id ?? null, status: 'ASSIGNED' }, () => conversations.assign(id))

export const assign = (id: string, userId: string | null) =>
  change(id, { assignedTo: userId, status: userId ? 'ASSIGNED' : 'OPEN' }, () => conversations.assign(id, userId))

/** Into another queue, where it waits for whoever takes it. */
export const transfer = (id: string, queueId: string) => change(id, { queueId, assignedTo: null, status: 'OPEN' }, () => conversations.transfer(id, { queueId }))

export async function resolve(id: string): Promise<void> {
  const done = await change(id, { status: 'RESOLVED' }, () => conversations.resolve(id))
  if (done) toast(t('conversation.resolvedToast'), { action: { label: t('conversation.reopen'), perform: () => void reopen(id) } })
}

export const reopen = (id: string) => change(id, { status: cache.get('conversation', id)?.assignedTo ? 'ASSIGNED' : 'OPEN' }, () => conversations.reopen(id))

export async function archive(id: string): Promise<void> {
  if (await change(id, { status: 'ARCHIVED' }, () => conversations.archive(id))) toast(t('conversation.archivedToast'))
}

export const setPriority = (id: string, priority: Priority) => change(id, { priority }, () => conversations.setPriority(id, priority))

/** Reading is a courtesy of the moment: a refusal is not worth a word. */
export async function markRead(id: string): Promise<void> {
  const drop = cache.hint('conversation', id, { unread: 0 })
  try {
    cache.put('conversation', await conversations.read(id))
  } catch {
    // The count comes back with the next event.
  } finally {
    drop()
  }
}
