import { createStore, useStore } from '@/lib/store'
import type { Locale } from './i18n'

/** How a person likes the desk. Kept in this browser; nothing here is about customers. */
export interface Preferences {
  theme: 'system' | 'light' | 'dark'
  density: 'cosy' | 'compact'
  /** Single-letter shortcuts; WCAG 2.1.4 wants them switchable. */
  shortcuts: boolean
  /** Which key sends: Enter, or Ctrl/Cmd+Enter. */
  sendWith: 'enter' | 'ctrl-enter'
  language: Locale | null
  listWidth: number
  panelWidth: number
  panelOpen: boolean
}

const KEY = 'farol.preferences'
const DEFAULTS: Preferences = {
  theme: 'system',
  density: 'cosy',
  shortcuts: true,
  sendWith: 'enter',
  language: null,
  listWidth: 352,
  panelWidth: 304,
  panelOpen: true,
}

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>) }
  } catch {
    return DEFAULTS
  }
}

export const preferences = createStore<Preferences>(read())
export const usePreferences = () => useStore(preferences)

export function prefer(change: Partial<Preferences>): void {
  preferences.set((current) => ({ ...current, ...change }))
  localStorage.setItem(KEY, JSON.stringify(preferences.get()))
}

/** Puts theme and density on the page, now and whenever they change. */
export function applyPreferences(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    const { theme, density } = preferences.get()
    const root = document.documentElement
    const next = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme
    if (root.dataset.theme !== next) {
      // Day turns into night at once: thousands of colours fading one after the other are no transition.
      root.dataset.turning = ''
      requestAnimationFrame(() => requestAnimationFrame(() => delete root.dataset.turning))
    }
    root.dataset.theme = next
    root.dataset.density = density
  }
  preferences.subscribe(apply)
  dark.addEventListener('change', apply)
  addEventListener('storage', (event) => {
    if (event.key === KEY) preferences.set(read())
  })
  apply()
}
