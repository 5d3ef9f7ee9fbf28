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

/** Items in rows: neighbouring pictures of one album share one. */
export function rowsOf(items: readonly Item[]): Row[] {
  const rows: Row[] = []
  for (const item of items) {
    const row = rows.at(-1)
    const album = albumOf(item)
    if (row && album && album === albumOf(row.last)) rows[rows.length - 1] = { ...row, items: [...row.items, item], last: item }
    else rows.push({ key: item.key, items: [item], first: item, last: item })
  }
  return rows
}

/** Pictures with words of their own stand alone: an album has no place for them, but on its last. */
function albumOf({ message }: Item): string | null {
  if (!message?.album || !message.media || isGone(message as Shown) || (message.type !== 'IMAGE' && message.type !== 'VIDEO')) return null
  return message.content || (message.reactions?.length ?? 0) > 0 ? null : `${message.album}/${message.direction}`
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
