import { cache } from '@/api/cache'

/** The name of whoever wrote a message, if this desk knows it. */
export const senderOf = (id: string | null | undefined, name: string | null | undefined): string | undefined => cache.get('user', id)?.name ?? name ?? undefined
