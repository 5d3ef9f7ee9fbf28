import { cache } from '@/api/cache'
import { messages } from '@/api/calls'
import type { Message } from '@/api/types'
import { errorWords } from '@/app/errors'
import { t, wordsFor } from '@/app/i18n'
import { toast } from '@/ui/toasts'
import { uuidv7 } from '@/lib/uuid'
import { customerName } from '../words'
import type { Shown } from './contract'
import { isGone } from './kinds'
import type { Place } from './place'
import { withOurs } from './reactions'

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
  return change(message.id, { reactions: withOurs(message.reactions, me, emoji, new Date().toISOString()) }, () => messages.react(message.id, emoji))
}

/** Takes a message back, for everyone where the channel can; else it goes out of sight here. */
export function remove(message: Shown, me: string, forEveryone: boolean): Promise<boolean> {
  const at = new Date().toISOString()
  return change(message.id, { revokedAt: at, revokedBy: me, isHidden: !forEveryone }, () => messages.remove(message.id))
}

export async function forward(message: Shown, conversationIds: string[], clientId = uuidv7()): Promise<boolean> {
  try {
    const { items, refused } = await messages.forward(message.id, { conversationIds, clientId })
    for (const one of items) if (cache.messagesIn(one.conversationId).length > 0) cache.put('message', one)
    if (items.length > 0) toast(t('forward.done', { count: items.length }))
    for (const { conversationId, code } of refused) {
      const conversation = cache.get('conversation', conversationId)
      toast(t('forward.refused', { name: conversation ? customerName(conversation) : '?', why: wordsFor('failure', code, 'failure.refused') }), { tone: 'bad' })
    }
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
const FORWARDABLE = new Set<Message['type']>(['TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT', 'STICKER', 'LOCATION', 'CONTACTS', 'POLL', 'INTERACTIVE', 'TEMPLATE'])

const WORDS_ALONE = new Set<Message['type']>(['TEXT', 'INTERACTIVE', 'TEMPLATE'])

/** So long WhatsApp lets words be changed, and a message be taken back. */
const EDITABLE_MS = 15 * 60_000
const REVOCABLE_MS = 48 * 3_600_000

/** What can be done with a message here and now. */
export function allowed(message: Shown, place: Pick<Place, 'me' | 'can' | 'canWrite'>, now = Date.now()) {
  const stands = !isGone(message) && message.type !== 'SYSTEM'
  const isOut = message.direction === 'OUTBOUND'
  const arrived = !isOut || ['SENT', 'DELIVERED', 'READ'].includes(message.status)
  const can: Place['can'] = (what) => place.canWrite && place.can(what)
  const isPublic = !message.isPrivate
  const age = now - Date.parse(message.sentAt ?? message.createdAt)
  const hasWords = message.type === 'TEXT' || (message.content !== '' && !!message.media)
  const isReady = !message.media || message.media.state === 'READY'
  return {
    reply: stands && isPublic && place.canWrite,
    react: stands && isPublic && arrived && can('REACTION'),
    // What was chosen, buttons and templates go on as their words.
    forward: stands && isPublic && isReady && place.canWrite && FORWARDABLE.has(message.type) && (message.content !== '' || !WORDS_ALONE.has(message.type)),
    copy: stands && wordsToCopy(message) !== '' && isSecure(),
    edit: stands && isPublic && isOut && hasWords && message.senderId === place.me && arrived && age < EDITABLE_MS && can('EDIT'),
    /** For everyone; else what is taken away is only out of sight here. */
    revoke: stands && isPublic && isOut && arrived && age < REVOCABLE_MS && can('DELETE'),
    remove: stands && place.canWrite,
  }
}

/** A browser gives the clipboard to secure pages only. */
const isSecure = () => typeof window !== 'undefined' && window.isSecureContext
