import { screens as channels } from '@/features/channels/screens'
import { screens as identity } from '@/features/identity/screens'
import { screens as operations } from '@/features/operations/screens'
import { screens as routing } from '@/features/routing/screens'
import { screens as settings } from '@/features/settings/screens'
import { screens as templates } from '@/features/templates/screens'
import type { Screen } from './screens'

/** All screens below /settings, in the order their list shows them. */
export const SETTINGS_SCREENS: readonly Screen[] = [...settings, ...identity, ...routing, ...channels, ...templates, ...operations]
