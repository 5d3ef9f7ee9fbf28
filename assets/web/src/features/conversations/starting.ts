import type { Contact } from '@/api/types'
import { session } from '@/app/session'
import { createStore } from '@/lib/store'

/** Somebody wants to write first: to nobody in particular yet, or to this contact. */
export const starting = createStore<{ contact?: Contact } | null>(null)

// Who signs out wants nothing any more.
session.subscribe(() => {
  if (session.get().status !== 'in') starting.set(null)
})
