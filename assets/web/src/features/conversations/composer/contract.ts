import type { components } from '@/api/schema'

export type { More } from '@/api/coming'

/** What a channel may be able to carry. */
export type Ability = components['schemas']['Ability']
