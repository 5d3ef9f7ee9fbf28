import { can } from './session'
import { preferences } from './preferences'
import type { MessageId } from './i18n'

/**
 * One object per thing a person can do. The table feeds menus, the palette, shortcuts and the help sheet, so
 * none of them can know something the others don't.
 */
export interface Command {
  id: string
  label: MessageId
  group: 'go' | 'conversation' | 'list' | 'app'
  shortcut?: Shortcut
  /** Other words people search it by. */
  permission?: string
  /** Makes sense here and now? */
  when?: (context: Context) => boolean
  perform: (context: Context) => void
}

/** A key by its place on the board (KeyboardEvent.code), so that AZERTY and ABNT boards have the same hand. */
export interface Shortcut {
  code: string
  /** Ctrl, or Cmd on a Mac. Such shortcuts also work while typing. */
  ctrl?: boolean
  shift?: boolean
  /** Pressed before, on its own: G then I. */
  after?: string
}

/** What the screen in front lends to commands. */
export interface Context {
  navigate: (to: string) => void
  openPalette: () => void
  openHelp: () => void
  openPreferences: () => void
  signOut: () => void
  inbox?: InboxTarget
}

/** The desk, while it is on screen. */
export interface InboxTarget {
  conversationId: string | null
  status: string | null
  assignedToMe: boolean
  hasSelection: boolean
  step: (by: 1 | -1) => void
  openSelected: () => void
  focusComposer: (kind: 'reply' | 'note') => void
  find: () => void
  take: () => void
  openAssign: () => void
  openTransfer: () => void
  resolve: (andNext: boolean) => void
  reopen: () => void
  archive: () => void
  close: () => void
  togglePanel: () => void
}

const table: Command[] = []

/** Adds commands of a room; called once per module. */
export function declare(commands: readonly Command[]): void {
  for (const command of commands) {
    const at = table.findIndex((known) => known.id === command.id)
    if (at >= 0) table[at] = command
    else table.push(command)
  }
}

export const allCommands = (): readonly Command[] => table

/** The commands that make sense now. */
export function available(context: Context): Command[] {
  return table.filter((command) => (!command.permission || can(command.permission)) && (command.when?.(context) ?? true))
}

/** For menus: what is used so often that it has a key comes first. */
export const keysFirst = (commands: readonly Command[]): Command[] => commands.toSorted((a, b) => Number(!a.shortcut) - Number(!b.shortcut))

export function perform(id: string, context: Context): void {
  const command = available(context).find((candidate) => candidate.id === id)
  command?.perform(context)
}

const MAC = /Mac|iP(hone|ad)/.test(navigator.platform)
const NAMES: Record<string, string> = { Enter: '↵', Escape: 'Esc', Slash: '/', ArrowUp: '↑', ArrowDown: '↓' }
/** Characters of this keyboard by place, where the browser tells them. */
let layout: Map<string, string> | null = null
void (navigator as { keyboard?: { getLayoutMap(): Promise<Map<string, string>> } }).keyboard
  ?.getLayoutMap()
  .then((map) => (layout = map))
  .catch(() => undefined)

const keyName = (code: string) => NAMES[code] ?? (layout?.get(code)?.toLocaleUpperCase() || code.replace(/^(Key|Digit)/, ''))

/** How a shortcut is written for a person: "G I", "⌘ K", "Ctrl ↵". */
export function shortcutWords(shortcut: Shortcut | undefined): string | undefined {
  if (!shortcut) return undefined
  const parts = shortcut.after ? [keyName(shortcut.after)] : []
  if (shortcut.ctrl) parts.push(MAC ? '⌘' : 'Ctrl')
  if (shortcut.shift) parts.push('⇧')
  parts.push(keyName(shortcut.code))
  return parts.join(' ')
}

/** Words of a command's shortcut by its id, for buttons and menus. Nothing while shortcuts are off. */
export function shortcutOf(id: string): string | undefined {
  const shortcut = table.find((command) => command.id === id)?.shortcut
  if (!shortcut || (!preferences.get().shortcuts && !shortcut.ctrl)) return undefined
  return shortcutWords(shortcut)
}

/** How long the first key of a pair waits for the second. */
const PAIR_MS = 1_200
let first: { code: string; until: number } | null = null

/** Finds and performs the command of a key press; true when there was one. */
export function handleKey(event: KeyboardEvent, context: Context): boolean {
  if (event.defaultPrevented || event.isComposing || event.altKey) return false
  const ctrl = event.ctrlKey || event.metaKey
  const typing = isTyping(event.target)
  const singles = preferences.get().shortcuts && !typing
  // An open dialog or menu has the keys to itself.
  const covered = document.querySelector('[role="dialog"][data-open], [role="alertdialog"][data-open], [role="menu"][data-open], [role="listbox"][data-open]') !== null
  if (covered && !ctrl) return false
  const before = first && first.until > Date.now() ? first.code : null
  first = null
  const fits = (shortcut: Shortcut) => shortcut.code === event.code && !!shortcut.ctrl === ctrl && (!!shortcut.shift === event.shiftKey || (shortcut.shift === undefined && ctrl))
  const candidates = available(context).filter((command) => command.shortcut && fits(command.shortcut) && (command.shortcut.ctrl || singles))
  const command = candidates.find((one) => (one.shortcut!.after ?? null) === before) ?? candidates.find((one) => !one.shortcut!.after)
  if (command) {
    event.preventDefault()
    command.perform(context)
    return true
  }
  // "?" lies elsewhere on other boards, so the help sheet goes by the character.
  if (singles && event.key === '?') {
    event.preventDefault()
    context.openHelp()
    return true
  }
  if (singles && !ctrl && !event.shiftKey && table.some((one) => one.shortcut?.after === event.code)) {
    first = { code: event.code, until: Date.now() + PAIR_MS }
  }
  return false
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}
