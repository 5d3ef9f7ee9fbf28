import { createContext, useContext } from 'react'
import type { Abilities } from '../composer/abilities'

/** What a bubble knows of the thread it stands in, and what it can ask of it. The same object as long as nothing of it changes. */
export interface Place {
  conversationId: string
  /** What the customer or the group is called. */
  customer: string
  isGroup: boolean
  /** Id of whoever reads. */
  me: string
  /** May one write here at all? */
  canWrite: boolean
  /** What the channel carries. */
  can: Abilities['has']
  reply: (messageId: string) => void
  details: (messageId: string) => void
  /** Puts words where one writes. */
  insert: (text: string) => void
  /** Brings a message into sight, however far back it is. */
  jump: (messageId: string) => void
}

const PlaceContext = createContext<Place | null>(null)
export const PlaceProvider = PlaceContext.Provider
export function usePlace(): Place {
  const place = useContext(PlaceContext)
  if (!place) throw new Error('a bubble stands in a thread')
  return place
}
