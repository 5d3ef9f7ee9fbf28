import { cache } from '@/api/cache'
import { conversations } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Conversation, Priority } from '@/api/types'
import { errorWords } from '@/app/errors'
import { t } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { me } from '@/app/session'
import { ask } from '@/ui/ask'
import { toast } from '@/ui/toasts'

/**
 * Shows a change at once, asks for it, and puts the record right by the answer or the refusal. A refusal is said
 * in a toast unless `refused` takes it on itself.
 */
async function change(id: string, hint: Partial<Conversation>, call: () => Promise<Conversation>, refused?: (error: unknown) => boolean): Promise<boolean> {
  const drop = cache.hint('conversation', id, hint)
  try {
    cache.put('conversation', await call())
    void queryClient.invalidateQueries({ queryKey: ['counters'] })
    return true
  } catch (error) {
    if (!refused?.(error)) toast(errorWords(error), { tone: 'bad' })
    return false
  } finally {
    drop()
  }
}

/**
 * Takes a conversation. One that a colleague has is taken over by name, after asking; one that a colleague took a
 * moment before is shown as theirs, and the same question follows.
 */
export async function take(id: string): Promise<boolean> {
  const mine = me()?.id
  if (!mine) return false
  const holder = holderBesides(mine, id)
  if (holder) return takeOver(id, mine, holder, 'take.held')
  let late = false
  const done = await change(id, { assignedTo: mine, status: 'ASSIGNED' }, () => conversations.assign(id), (error) => (late = error instanceof ApiError && error.code === 'already_assigned'))
  if (!late) return done
  try {
    const { messages: _, ...now } = await conversations.get(id)
    cache.put('conversation', now)
  } catch (error) {
    toast(errorWords(error), { tone: 'bad' })
    return false
  }
  const faster = holderBesides(mine, id)
  // Given back in the meantime: nobody is asked.
  return faster ? takeOver(id, mine, faster, 'take.late') : assign(id, mine)
}

/** Who has a conversation, if it is somebody else. */
function holderBesides(mine: string, id: string): string | null {
  const { status, assignedTo } = cache.get('conversation', id) ?? {}
  return status === 'ASSIGNED' && assignedTo && assignedTo !== mine ? assignedTo : null
}

async function takeOver(id: string, mine: string, holder: string, why: 'take.held' | 'take.late'): Promise<boolean> {
  const name = cache.get('user', holder)?.name ?? t('take.somebody')
  const yes = await ask({ title: t('take.title', { name }), words: t(why, { name }), confirm: t('take.over') })
  return yes && assign(id, mine)
}

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
export async function markRead(id: string, upTo: string): Promise<void> {
  const drop = cache.hint('conversation', id, { unread: 0 })
  try {
    cache.put('conversation', await conversations.read(id, upTo))
  } catch {
    // The count comes back with the next event.
  } finally {
    drop()
  }
}
