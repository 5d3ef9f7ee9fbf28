import { sameEmoji } from './emoji'
import type { Reaction } from './contract'

export interface Group {
  emoji: string
  reactions: Reaction[]
  isMine: boolean
}

/** Reactions by emoji: most people first, then as they came. One that was taken back has no emoji. */
export function groups(reactions: readonly Reaction[] | undefined, me: string): Group[] {
  const found: Group[] = []
  for (const reaction of [...(reactions ?? [])].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))) {
    if (reaction.emoji === '') continue
    const known = found.find((group) => sameEmoji(group.emoji, reaction.emoji))
    if (known) known.reactions.push(reaction)
    else found.push({ emoji: reaction.emoji, reactions: [reaction], isMine: false })
    const group = known ?? found.at(-1)!
    group.isMine ||= reaction.by === me
  }
  return found.sort((a, b) => b.reactions.length - a.reactions.length)
}

/** The emoji one of us put there, or none. */
export const mineOf = (reactions: readonly Reaction[] | undefined, me: string) => reactions?.find((one) => one.by === me && one.emoji !== '')?.emoji

/** What stands there after one of us reacted: each person has one reaction, an empty emoji takes it back. */
export function withMine(reactions: readonly Reaction[] | undefined, me: string, emoji: string, at: string): Reaction[] {
  const others = (reactions ?? []).filter((one) => one.by !== me)
  return emoji === '' ? others : [...others, { by: me, emoji, at }]
}
