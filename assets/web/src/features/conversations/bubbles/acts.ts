import { cache } from '@/api/cache'
import { messages } from '@/api/calls'
import type { Message } from '@/api/types'
import { errorWords } from '@/app/errors'
import { t } from '@/app/i18n'
import { toast } from '@/ui/toasts'
import { uuidv7 } from '@/lib/uuid'
import type { Shown } from './contract'
import { isGone } from './kinds'
import type { Place } from './place'
import { withMine } from './reactions'

/** Shows a change at once; the answer confirms it, a refusal takes it back and says why. */
async function change(id: string, hint: Partial<Shown>, call: () => Promise<Message>): Promise<boolean> {
  const drop = cache.hint('message', id, hint)
  try {
    cache.put('message', await call())
    return true
  } catch (error) {
    toast(errorWords(error), { tone: 'bad' })
    return false
  } finally {
    drop()
  }
}

/** Gives a message one's reaction; an empty one takes it back. */
export function react(message: Shown, me: string, emoji: string): Promise<boolean> {
  return change(message.id, { reactions: withMine(message.reactions, me, emoji, new Date().toISOString()) }, () => messages.react(message.id, emoji))
}

/** Takes a message back, for everyone where the channel can; else it goes out of sight here. */
export function remove(message: Shown, me: string, forEveryone: boolean): Promise<boolean> {
  const at = new Date().toISOString()
  return change(message.id, { revokedAt: at, revokedBy: me, isHidden: !forEveryone }, () => messages.remove(message.id))
}

export async function forward(message: Shown, conversationIds: string[], clientId = uuidv7()): Promise<boolean> {
  try {
    const { items } = await messages.forward(message.id, { conversationIds, clientId })
    cache.putAll('message', items)
    toast(t('forward.done', { count: conversationIds.length }))
    return true
  } catch (error) {
    toast(errorWords(error), { tone: 'bad' })
    return false
  }
}

export async function copyWords(message: Shown): Promise<void> {
  await navigator.clipboard.writeText(wordsToCopy(message))
  toast(t('action.copied'))
}

/** What a copy of a message holds: its words, or what stands for them. */
export function wordsToCopy(message: Shown): string {
  const { content, location, contacts, choice } = message
  if (content) return content
  if (location) return [location.name, location.address, `${location.latitude}, ${location.longitude}`].filter(Boolean).join('\n')
  if (contacts?.length) return contacts.map((card) => [card.name, ...(card.phones ?? []).map((phone) => phone.number)].join('\n')).join('\n\n')
  return choice?.title ?? ''
}

/** Kinds that can be written anew elsewhere. */
const FORWARDABLE = new Set<Message['type']>(['TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT', 'STICKER', 'LOCATION', 'CONTACTS'])

/** What can be done with a message here and now. */
export function allowed(message: Shown, place: Pick<Place, 'me' | 'can' | 'canWrite'>) {
  const stands = !isGone(message) && message.type !== 'SYSTEM'
  const isOut = message.direction === 'OUTBOUND'
  const arrived = !isOut || ['SENT', 'DELIVERED', 'READ'].includes(message.status)
  const can: Place['can'] = (what) => place.canWrite && place.can(what)
  const isPublic = !message.isPrivate
  const isReady = !message.media || message.media.state === 'READY'
  return {
    reply: stands && isPublic && place.canWrite,
    react: stands && isPublic && arrived && can('REACTION'),
    forward: stands && isPublic && isReady && place.canWrite && FORWARDABLE.has(message.type),
    copy: stands && wordsToCopy(message) !== '' && isSecure(),
    edit: stands && isPublic && isOut && message.type === 'TEXT' && message.senderId === place.me && arrived && can('EDIT'),
    /** For everyone; else what is taken away is only out of sight here. */
    revoke: stands && isPublic && isOut && arrived && can('DELETE'),
    remove: stands && place.canWrite,
  }
}

/** A browser gives the clipboard to secure pages only. */
const isSecure = () => typeof window !== 'undefined' && window.isSecureContext
