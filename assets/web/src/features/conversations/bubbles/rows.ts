import type { Item } from '../thread'
import { isGone } from './kinds'
import type { Shown } from './contract'

/** What stands in one bubble: a message, or the pictures of an album. */
export interface Row {
  key: string
  items: readonly Item[]
  first: Item
  last: Item
}

/** Neighbours of one sender within this time stand together. */
const GROUP_MS = 4 * 60_000
/** So many rows share a block, on average; a block far out of sight is a mere height. */
const BLOCK_ROWS = 32
const BLOCK_ROWS_MAX = 120

/** Pictures without a word that come this close together are looked at together. */
const TOGETHER_MS = 60_000
/** So many of them, where the sender did not make them an album. */
const TOGETHER_MIN = 3

/** Items in rows: neighbouring pictures of one album, or sent in one go, share one. */
export function rowsOf(items: readonly Item[]): Row[] {
  const rows: Row[] = []
  for (let at = 0; at < items.length; ) {
    const run = runFrom(items, at)
    if (run.length >= (run[0]!.message?.album ? 2 : TOGETHER_MIN)) rows.push({ key: run[0]!.key, items: run, first: run[0]!, last: run.at(-1)! })
    else rows.push(...run.map((item): Row => alone(item)))
    at += run.length
  }
  return rows
}

const singles = new WeakMap<Item, Row>()
/** The same object for the same message. */
function alone(item: Item): Row {
  let row = singles.get(item)
  if (!row) singles.set(item, (row = { key: item.key, items: [item], first: item, last: item }))
  return row
}

/** The item, with all that follow and belong to it. */
function runFrom(items: readonly Item[], at: number): Item[] {
  const run = [items[at]!]
  if (!isLoosePicture(run[0]!)) return run
  for (let next = items[at + 1]; next && isLoosePicture(next) && belongsTo(run.at(-1)!, next); next = items[at + run.length]) run.push(next)
  return run
}

/** Pictures with words, buttons, answers and reactions of their own stand alone: an album has no place for them. */
function isLoosePicture({ message }: Item): boolean {
  if (!message?.media || (message.type !== 'IMAGE' && message.type !== 'VIDEO')) return false
  return !isGone(message as Shown) && message.media.state !== 'FAILED' && message.media.state !== 'QUARANTINED' && message.status !== 'FAILED' && !message.content && !message.interactive && !message.replyTo && !message.reactions?.length
}

function belongsTo(before: Item, item: Item): boolean {
  if (voice(before, '') !== voice(item, '')) return false
  const album = before.message?.album ?? null
  return album === (item.message?.album ?? null) && (album !== null || Date.parse(item.at) - Date.parse(before.at) < TOGETHER_MS)
}

/** Whose voice an item is: customer, one of a group, a colleague's note, or an answer. */
export function voice({ message, pending }: Item, me: string): string {
  if (pending) return `OUTBOUND${pending.isPrivate}${me}`
  if (message.type === 'SYSTEM') return 'notice'
  return `${message.direction}${message.isPrivate}${message.isBot ? 'bot' : (message.senderId ?? message.author?.address ?? '')}`
}

/** Follows another of the same voice closely. */
export const follows = (before: Item, item: Item, me: string): boolean => {
  const one = voice(before, me)
  return one !== 'notice' && one === voice(item, me) && Date.parse(item.at) - Date.parse(before.at) < GROUP_MS
}

/**
 * Rows in blocks. Where a block begins is told by the row itself and not by counting, so that older rows coming in above
 * and newer ones below leave all other blocks as they are.
 */
export function blocksOf(rows: readonly Row[]): Row[][] {
  const blocks: Row[][] = []
  for (const row of rows) {
    const block = blocks.at(-1)
    if (!block || block.length >= BLOCK_ROWS_MAX || hash(row.key) % BLOCK_ROWS === 0) blocks.push([row])
    else block.push(row)
  }
  return blocks
}

function hash(text: string): number {
  let value = 2_166_136_261
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 16_777_619)
  return value >>> 0
}
