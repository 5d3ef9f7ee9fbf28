import { createContext, useContext } from 'react'
import { createStore } from '@/lib/store'
import type { Context, InboxTarget } from './commands'

const CommandContext = createContext<Context | null>(null)
export const CommandProvider = CommandContext.Provider

/** What commands act on, from inside the shell. */
export function useCommandContext(): Context {
  const context = useContext(CommandContext)
  if (!context) throw new Error('used outside the shell')
  return context
}

/** The desk on screen, set by it while it is mounted. */
export const inboxTarget = createStore<InboxTarget | null>(null)
