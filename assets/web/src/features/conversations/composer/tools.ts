import type { Template } from '@/api/types'
import { createStore } from '@/lib/store'

/** What can be opened beside the words. */
export type Tool = 'location' | 'card' | 'BUTTONS' | 'LIST' | 'LINK' | 'poll' | 'template' | 'schedule' | 'voice' | 'emoji'

/** The tool that a command of the keyboard or the palette asks for, taken up by the composer on screen. */
export const askedTool = createStore<Tool | 'files' | null>(null)

let chosen: Template | null = null

/** The template that was chosen before its dialog came. */
export const askedTemplate = {
  give: (template: Template): void => void (chosen = template),
  take(): Template | null {
    const taken = chosen
    chosen = null
    return taken
  },
}
