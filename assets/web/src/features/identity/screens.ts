import './commands'
import type { Screen } from '@/app/screens'
import { LockIcon, UserIcon, UsersIcon } from '@/ui/icons'

/** The screens of this room below /settings. */
export const screens: readonly Screen[] = [
  { path: 'account', title: 'account.title', nav: { group: 'mine', icon: UserIcon }, load: () => import('./Account') },
  { path: 'people', title: 'people.title', permission: 'user.read', nav: { group: 'firm', icon: UsersIcon }, load: () => import('./People') },
  { path: 'roles', title: 'roles.title', permission: 'role.read', nav: { group: 'firm', icon: LockIcon }, load: () => import('./Roles') },
]
