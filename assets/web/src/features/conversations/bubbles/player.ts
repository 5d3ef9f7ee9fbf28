import { createStore, useStore } from '@/lib/store'

/** One sound plays at a time, wherever on the desk its bubble is. */
export interface Sound {
  messageId: string
  isPlaying: boolean
  /** In milliseconds. */
  at: number
  /** In milliseconds, once the browser has read it. */
  length: number | null
  isBroken: boolean
}

export const RATES = [1, 1.5, 2] as const
export type Rate = (typeof RATES)[number]

const sound = createStore<Sound | null>(null)
const rate = createStore<Rate>(1)
let audio: HTMLAudioElement | undefined
let claimed: HTMLMediaElement | undefined

export const useRate = () => useStore(rate)
export const useSound = (messageId: string) => useStore(sound, (now) => (now?.messageId === messageId ? now : null))

const change = (patch: Partial<Sound>) => sound.set((now) => now && { ...now, ...patch })

/** Silences whatever else plays: a film begins, or a sound does. */
export function claim(element: HTMLMediaElement): void {
  if (claimed && claimed !== element && !claimed.paused) claimed.pause()
  claimed = element
}

function element(): HTMLAudioElement {
  if (audio) return audio
  const made = new Audio()
  made.preload = 'auto'
  made.ontimeupdate = () => change({ at: made.currentTime * 1000 })
  made.onplay = () => {
    claim(made)
    change({ isPlaying: true, isBroken: false })
  }
  made.onpause = () => change({ isPlaying: false })
  made.onended = () => change({ isPlaying: false, at: 0 })
  made.onerror = () => change({ isPlaying: false, isBroken: true })
  // A recording that was cut off says it has no end.
  made.ondurationchange = () => change({ length: Number.isFinite(made.duration) ? made.duration * 1000 : null })
  return (audio = made)
}

/** Plays from where it was left, or stops. */
export function toggle(messageId: string, address: string): void {
  const player = element()
  const now = sound.get()
  if (now?.messageId === messageId && !now.isBroken) {
    if (now.isPlaying) player.pause()
    else void player.play().catch(() => undefined)
    return
  }
  begin(messageId, address, 0)
}

/** Goes to a place in it; what is not playing yet begins there. */
export function seek(messageId: string, address: string, at: number): void {
  if (sound.get()?.messageId !== messageId) return begin(messageId, address, at)
  element().currentTime = at / 1000
  change({ at })
}

function begin(messageId: string, address: string, at: number): void {
  const player = element()
  player.pause()
  sound.set({ messageId, isPlaying: false, at, length: null, isBroken: false })
  player.src = address
  player.currentTime = at / 1000
  player.playbackRate = rate.get()
  void player.play().catch(() => undefined)
}

/** The next of the speeds, for this and all that follow. */
export function faster(): void {
  const next = RATES[(RATES.indexOf(rate.get()) + 1) % RATES.length]!
  rate.set(next)
  if (audio) audio.playbackRate = next
}
