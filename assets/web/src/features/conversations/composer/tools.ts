import { createStore } from '@/lib/store'

/** What can be opened beside the words. */
export type Tool = 'location' | 'card' | 'BUTTONS' | 'LIST' | 'LINK' | 'poll' | 'template' | 'schedule' | 'voice' | 'emoji'

/** The tool that a command of the keyboard or the palette asks for, taken up by the composer on screen. */
export const askedTool = createStore<Tool | 'files' | null>(null)
