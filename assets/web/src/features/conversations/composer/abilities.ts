import { useQuery } from '@tanstack/react-query'
import { cache } from '@/api/cache'
import { channels } from '@/api/calls'
import type { Channel } from '@/api/types'
import { can } from '@/app/session'
import type { Ability } from './contract'

/** Lengths, counts and sizes of what goes out over a channel. */
export type Limits = Channel['limits']

export interface Abilities {
  has: (ability: Ability) => boolean
  limits: Limits
  /** MIME types this firm lets go out; none: all. */
  allowed: readonly string[]
}

/** What every channel of today carries; for a server that does not say. */
const BASIC: readonly Ability[] = ['TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'VOICE', 'DOCUMENT']
const MB = 1 << 20
/** What may be handed in: larger pictures and films are made smaller by the box. */
const HANDED_IN = { imageBytes: 64 * MB, videoBytes: 100 * MB }
/** WhatsApp's own, where the channel does not say. */
const WHATSAPP: Limits = {
  text: 4096, caption: 1024, interactiveBody: 1024, header: 60, footer: 60, buttons: 3, buttonTitle: 20, flowButtonTitle: 30, buttonId: 256, sections: 10, sectionTitle: 24,
  rows: 10, rowTitle: 24, rowDescription: 72, rowId: 200, url: 2000, contacts: 20, contactLines: 10, contactLine: 300, placeName: 1000, placeAddress: 1000,
  pollQuestion: 255, pollOptionsMin: 2, pollOptions: 12, pollOption: 100, imageBytes: 5 * MB, audioBytes: 16 * MB, videoBytes: 16 * MB, documentBytes: 100 * MB,
}

interface Told {
  can?: readonly string[]
  limits?: Partial<Limits>
  fileRules?: { mediaMaxBytes?: number | null; documentMaxBytes?: number | null; allowed?: string[] | null } | null
}

export function abilitiesOf(channel: Told | undefined): Abilities {
  const carried = new Set<string>(channel?.can ?? BASIC)
  const { mediaMaxBytes, documentMaxBytes, allowed } = channel?.fileRules ?? {}
  const told = { ...WHATSAPP, ...channel?.limits }
  const limits = { ...told, imageBytes: Math.max(told.imageBytes, HANDED_IN.imageBytes), videoBytes: Math.max(told.videoBytes, HANDED_IN.videoBytes) }
  const media = mediaMaxBytes ?? Infinity
  return {
    has: (ability) => carried.has(ability),
    allowed: allowed ?? [],
    limits: {
      ...limits,
      imageBytes: Math.min(limits.imageBytes, media),
      videoBytes: Math.min(limits.videoBytes, media),
      audioBytes: Math.min(limits.audioBytes, media),
      documentBytes: Math.min(limits.documentBytes, documentMaxBytes ?? Infinity),
    },
  }
}

/** What the channel of a conversation carries, as the channel itself says. */
export function useAbilities(channelId: string): Abilities {
  const { data } = useQuery({
    queryKey: ['abilities', channelId],
    enabled: can('channel.read'),
    queryFn: async () => {
      const channel = await channels.get(channelId)
      cache.put('channel', channel)
      return channel
    },
    select: abilitiesOf,
  })
  return data ?? UNTOLD
}

const UNTOLD = abilitiesOf(undefined)
