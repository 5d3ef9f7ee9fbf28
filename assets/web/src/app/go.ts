// Where one can go. Apart from the tree of screens, which knows every room, so that a room needs not know the tree.
import { createBrowserHistory } from '@tanstack/react-router'

export const history = createBrowserHistory()

/** Goes to a path of this app; a full string, so that rooms can point at each other without knowing the tree. */
export function go(path: string, replace = false): void {
  history[replace ? 'replace' : 'push'](path)
}

export const TABS = ['mine', 'unassigned', 'all', 'resolved'] as const
export type Tab = (typeof TABS)[number]
