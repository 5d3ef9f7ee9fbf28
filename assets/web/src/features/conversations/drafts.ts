import { privateKey } from '@/app/session'

export type DraftKind = 'reply' | 'note'

const key = (conversationId: string, kind: DraftKind) => privateKey(`draft.${kind}.${conversationId}`)

/** What was being written here. Kept in this tab only, apart for each firm, and wiped at sign-out. */
export const readDraft = (conversationId: string, kind: DraftKind): string => sessionStorage.getItem(key(conversationId, kind)) ?? ''

export function keepDraft(conversationId: string, kind: DraftKind, text: string): void {
  if (text === '') sessionStorage.removeItem(key(conversationId, kind))
  else sessionStorage.setItem(key(conversationId, kind), text)
}

export const hasDraft = (conversationId: string): boolean => readDraft(conversationId, 'reply') !== '' || readDraft(conversationId, 'note') !== ''
