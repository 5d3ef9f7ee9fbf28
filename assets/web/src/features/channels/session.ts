import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { channels } from '@/api/calls'
import { ApiError } from '@/api/client'
import type { Channel, ChannelSession, SessionAction, SessionState } from '@/api/types'
import { queryClient } from '@/app/query'
import { socket, type Frame } from '@/app/socket'
import { wahaOf } from './form'

/** WhatsApp changes the code about so often; then its server is asked for the next one. */
export const CODE_EVERY_MS = 20_000
/** A session that starts is looked at so often, for not every server tells when it is done. */
const STARTING_EVERY_MS = 3_000

/** What a person may do to a session in a state, the likeliest first. */
export const ACTIONS: Record<SessionState, readonly SessionAction[]> = {
  UNKNOWN: ['start'],
  STOPPED: ['start', 'logout'],
  STARTING: ['restart', 'stop'],
  SCAN_QR_CODE: ['restart', 'stop'],
  PASSKEY_REQUIRED: ['restart', 'stop'],
  PASSKEY_CONFIRMATION_REQUIRED: ['restart', 'stop'],
  WORKING: ['restart', 'stop', 'logout'],
  FAILED: ['restart', 'logout', 'stop'],
}

/** What can't be undone by another press, or cuts customers off meanwhile. */
export const asksFirst = (action: SessionAction, state: SessionState) => action === 'logout' || (state === 'WORKING' && action !== 'start')

/** How long until somebody looks again by themselves; false where frames tell all there is. */
export function lookEvery(state: SessionState | undefined): number | false {
  if (state === 'SCAN_QR_CODE') return CODE_EVERY_MS
  return state === 'STARTING' ? STARTING_EVERY_MS : false
}

const keyOf = (channelId: string) => ['channels', channelId, 'session']

/** Takes a frame about one channel's session into what is known of it; says whether it was one. */
export function taken(channelId: string, frame: Frame, known: ChannelSession | undefined): ChannelSession | undefined {
  const data = frame.data as { connectionId?: string; qrCode?: string; phoneNumber?: string | null } | undefined
  if (data?.connectionId !== channelId) return undefined
  if (frame.type === 'whatsapp:qr' && data.qrCode) return { ...known, state: 'SCAN_QR_CODE', qrCode: data.qrCode }
  if (frame.type === 'whatsapp:ready') return { ...known, state: 'WORKING', qrCode: null, phoneNumber: data.phoneNumber ?? known?.phoneNumber ?? null }
  // The record tells in which way it was lost.
  if (frame.type === 'whatsapp:disconnected') return { ...known, state: 'UNKNOWN', qrCode: null }
  return undefined
}

/**
 * A session as it stands: asked of its server when somebody looks, kept by frames from then on. The channel's record
 * knows the state as soon as the server does; the code to scan is in no record.
 */
export function useSession(channel: Channel) {
  const queryKey = keyOf(channel.id)
  const state = wahaOf(channel)?.sessionState ?? 'UNKNOWN'
  const off = channel.status === 'DISABLED'
  const asked = useQuery({
    queryKey,
    queryFn: () => channels.session(channel.id),
    enabled: !off,
    retry: false,
    staleTime: 0,
    refetchInterval: (query) => (query.state.error ? false : lookEvery(query.state.data?.state ?? state)),
  })
  useEffect(
    () =>
      socket.listen((frame) => {
        const next = taken(channel.id, frame, queryClient.getQueryData<ChannelSession>(keyOf(channel.id)))
        if (next) queryClient.setQueryData(keyOf(channel.id), next)
      }),
    [channel.id],
  )
  // What the record learns meanwhile, by whomever, is newer than what was asked before.
  const asOf = useRef(state)
  useEffect(() => {
    if (asOf.current === state) return
    asOf.current = state
    void queryClient.invalidateQueries({ queryKey: keyOf(channel.id) })
  }, [state, channel.id])
  const act = useMutation({
    mutationFn: (action: SessionAction) => channels.act(channel.id, action),
    onSuccess: (answer) => queryClient.setQueryData(queryKey, answer),
  })
  // A session that was never made is no failure: it has to be started.
  const unmade = asked.error instanceof ApiError && asked.error.code === 'refused' && state === 'UNKNOWN'
  return {
    state: asked.data && asked.data.state !== 'UNKNOWN' && !asked.error ? asked.data.state : state,
    code: asked.data?.qrCode ?? null,
    phone: asked.data?.phoneNumber ?? wahaOf(channel)?.phoneNumber ?? null,
    profile: asked.data?.profileName ?? wahaOf(channel)?.profileName ?? null,
    /** When the code on screen came, in ms since 1970. */
    since: asked.dataUpdatedAt,
    pending: asked.isPending && !off,
    looking: asked.isFetching,
    error: unmade ? null : asked.error,
    act,
    again: () => void asked.refetch(),
  }
}

/** Seconds left of `lives`, from `since` on; counts while it is mounted. */
export function useCountdown(since: number, lives: number): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(tick)
  }, [])
  return Math.max(0, Math.ceil((Math.max(since, now - lives) + lives - now) / 1_000))
}
