import type { Screen } from '@/app/screens'
import { BoltIcon, DeadLetterIcon, GaugeIcon } from '@/ui/icons'
import './commands'
import { OpenLetters } from './OpenLetters'

/** The screens of this room below /settings. */
export const screens: readonly Screen[] = [
  { path: 'dead-letters', title: 'deadLetters.title', permission: 'deadletter.manage', nav: { group: 'operations', icon: DeadLetterIcon, Badge: OpenLetters }, load: () => import('./DeadLetters') },
  { path: 'dead-letters/$deadLetterId', title: 'deadLetters.title', permission: 'deadletter.manage', load: () => import('./DeadLetterPage') },
  { path: 'jobs', title: 'jobs.title', permission: 'job.read', nav: { group: 'operations', icon: BoltIcon }, load: () => import('./Jobs') },
  { path: 'system', title: 'system.title', permission: 'system.read', nav: { group: 'operations', icon: GaugeIcon }, load: () => import('./System') },
]
