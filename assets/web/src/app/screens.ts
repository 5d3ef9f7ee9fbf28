import type { ComponentType, SVGProps } from 'react'
import type { MessageId } from './i18n'

/** A screen below /settings. Each room lists its own in `features/<room>/screens.ts`. */
export interface Screen {
  /** Below /settings, e.g. `users` or `users/$userId`. */
  path: string
  title: MessageId
  /** Who may come here; without it everybody who is signed in. */
  permission?: string
  /** Where it stands in the settings' list; left out for screens one reaches from another. The badge says what waits there. */
  nav?: { group: 'mine' | 'firm' | 'channels' | 'operations'; icon: ComponentType<SVGProps<SVGSVGElement> & { size?: number }>; Badge?: ComponentType }
  load: () => Promise<{ default: ComponentType }>
}
