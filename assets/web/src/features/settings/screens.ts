import type { Screen } from '@/app/screens'
import { SettingsIcon } from '@/ui/icons'

/** Screens about the person who is signed in. */
export const screens: readonly Screen[] = [
  { path: 'preferences', title: 'preferences.title', nav: { group: 'mine', icon: SettingsIcon }, load: () => import('./PreferencesPage') },
]
