import { useQuery } from '@tanstack/react-query'
import { cache } from '@/api/cache'
import { channels } from '@/api/calls'
import type { Channel } from '@/api/types'
import { can } from '@/app/session'
import type { Ability } from './contract'

/** Longest lengths in characters, most pieces, and largest files in bytes, of what goes out over a channel. */
export interface Limits {
  text: number
  caption: number
  interactiveBody: number
  header: number
  footer: number
  buttons: number
  buttonTitle: number
  sections: number
  rows: number
  rowTitle: number
  rowDescription: number
  sectionTitle: number
  listButton: number
  pollQuestion: number
  pollOptions: number
  pollOption: number
  placeName: number
  placeAddress: number
  imageBytes: number
  videoBytes: number
  audioBytes: number
  documentBytes: number
}

export interface Abilities {
  has: (ability: Ability) => boolean
  limits: Limits
  /** MIME types this firm lets go out; none: all. */
  allowed: readonly string[]
}

/** What every channel of today carries; for a server that does not say. */
const BASIC: readonly Ability[] = ['TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'VOICE', 'DOCUMENT']
const MB = 1 << 20
/** WhatsApp's own, where the channel does not say. Larger pictures and films are made smaller by the box. */
const WHATSAPP: Limits = {
  text: 4096, caption: 1024, interactiveBody: 1024, header: 60, footer: 60, buttons: 3, buttonTitle: 20, sections: 10, rows: 10, rowTitle: 24,
  rowDescription: 72, sectionTitle: 24, listButton: 20, pollQuestion: 255, pollOptions: 12, pollOption: 100, placeName: 1000, placeAddress: 1000,
  imageBytes: 64 * MB, videoBytes: 100 * MB, audioBytes: 16 * MB, documentBytes: 100 * MB,
}

interface Told extends Partial<Pick<Channel, 'id'>> {
  can?: readonly string[] | null
  limits?: Partial<Record<keyof Limits, number>> | null
  fileRules?: { mediaMaxBytes?: number | null; documentMaxBytes?: number | null; allowed?: string[] | null } | null
}

export function abilitiesOf(channel: Told | undefined): Abilities {
  const carried = new Set<string>(channel?.can ?? BASIC)
  const { mediaMaxBytes, documentMaxBytes, allowed } = channel?.fileRules ?? {}
  const told = { ...WHATSAPP, ...channel?.limits }
  // Larger pictures and films may be handed in: the box makes them fit.
  const limits = { ...told, imageBytes: Math.max(told.imageBytes, WHATSAPP.imageBytes), videoBytes: Math.max(told.videoBytes, WHATSAPP.videoBytes) }
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
      return channel as Told
    },
    select: abilitiesOf,
  })
  return data ?? UNTOLD
}

const UNTOLD = abilitiesOf(undefined)
