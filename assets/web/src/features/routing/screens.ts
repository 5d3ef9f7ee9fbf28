import './commands'
import type { Screen } from '@/app/screens'
import { QueueIcon } from '@/ui/icons'

/** The screens of this room below /settings. */
export const screens: readonly Screen[] = [
  { path: 'queues', title: 'queues.title', permission: 'queue.read', nav: { group: 'firm', icon: QueueIcon }, load: () => import('./Queues') },
]
