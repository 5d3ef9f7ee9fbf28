import './commands'
import type { Screen } from '@/app/screens'
import { BuildingIcon, SettingsIcon } from '@/ui/icons'

/** Screens about the person who is signed in, and about the firm. */
export const screens: readonly Screen[] = [
  { path: 'preferences', title: 'preferences.title', nav: { group: 'mine', icon: SettingsIcon }, load: () => import('./PreferencesPage') },
  { path: 'firm', title: 'firm.title', permission: 'settings.read', nav: { group: 'firm', icon: BuildingIcon }, load: () => import('./Firm') },
  { path: 'firms', title: 'firms.title', permission: 'platform.manage', nav: { group: 'operations', icon: BuildingIcon }, load: () => import('./Firms') },
]
