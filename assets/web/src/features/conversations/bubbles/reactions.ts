import { sameEmoji } from './emoji'
import type { Reaction } from './contract'

export interface Group {
  emoji: string
  reactions: Reaction[]
  /** Is the firm's own among them? */
  isOurs: boolean
}

/** The firm has one reaction to a message, whoever of it gave it: the other side sees one number. */
export const isOurs = (reaction: Pick<Reaction, 'by'>) => reaction.by !== 'customer' && reaction.by !== 'member'

/** Reactions by emoji: most people first, then as they came. One that was taken back has no emoji. */
export function groups(reactions: readonly Reaction[] | undefined): Group[] {
  const found: Group[] = []
  for (const reaction of [...(reactions ?? [])].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    if (reaction.emoji === '') continue
    const known = found.find((group) => sameEmoji(group.emoji, reaction.emoji))
    if (known) known.reactions.push(reaction)
    else found.push({ emoji: reaction.emoji, reactions: [reaction], isOurs: false })
    const group = known ?? found.at(-1)!
    group.isOurs ||= isOurs(reaction)
  }
  return found.sort((a, b) => b.reactions.length - a.reactions.length)
}

/** The emoji the firm put there, or none. */
export const oursOf = (reactions: readonly Reaction[] | undefined) => reactions?.find((one) => isOurs(one) && one.emoji !== '')?.emoji

/** What stands there after one of us reacted, in place of what the firm said before; an empty emoji takes it back. */
export function withOurs(reactions: readonly Reaction[] | undefined, me: string, emoji: string, at: string): Reaction[] {
  const others = (reactions ?? []).filter((one) => !isOurs(one))
  return emoji === '' ? others : [...others, { by: me, emoji, at }]
}
