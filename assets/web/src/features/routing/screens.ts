import type { Screen } from '@/app/screens'

/** The screens of this room below /settings. */
export const screens: readonly Screen[] = []
