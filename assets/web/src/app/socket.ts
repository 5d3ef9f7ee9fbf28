import { createStore, useStore } from '@/lib/store'

/** What the desk knows of its line to the server. */
export type Link = 'closed' | 'connecting' | 'connected' | 'reconnecting' | 'offline'

/** One thing that happened, as the server tells it. */
export interface Frame {
  type: string
  seq?: number
  at?: string
  id?: string
  data?: unknown
}

interface Opening {
  token(): string | null
  renew(): Promise<boolean>
  /** Sequence of the oldest answer on screen: what came after it is sent again. */
  after: number
}

const RETRY_MS_MIN = 500
const RETRY_MS_MAX = 20_000
/** The server says something every 30 s; silence beyond this means the line is dead, whatever TCP believes. */
const SILENCE_MS_MAX = 75_000

/** The socket: resumes by sequence, so nothing falls between two connections. */
class LiveSocket {
  readonly link = createStore<Link>('closed')
  /** When the next attempt starts, in ms since 1970, while reconnecting. */
  readonly nextTry = createStore<number | null>(null)
  /** Build of the server's web app, as told by its greeting. */
  readonly build = createStore<string | null>(null)

  private socket: WebSocket | null = null
  private opening: Opening | null = null
  private last = 0
  private epoch: string | null = null
  private failures = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private greeted = false
  private readonly listeners = new Set<(frame: Frame) => void>()

  constructor() {
    addEventListener('online', () => this.now())
    addEventListener('offline', () => {
      if (this.opening) this.link.set('offline')
    })
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && this.link.get() === 'reconnecting') this.now()
    })
  }

  /** While open, a new opening goes on from where the old one stood: the same person with other tokens. */
  open(opening: Opening): void {
    if (!this.opening) this.last = opening.after
    this.opening = opening
    this.failures = 0
    this.link.set('connecting')
    this.connect()
  }

  close(): void {
    this.opening = null
    this.epoch = null
    this.last = 0
    this.failures = 0
    this.drop()
    this.link.set('closed')
  }

  /** Tries at once instead of waiting. */
  now(): void {
    if (!this.opening || this.link.get() === 'connected') return
    this.connect()
  }

  /** Called for every frame but the greetings; returns how to stop. */
  listen(listener: (frame: Frame) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Says something that nobody misses when the line is down. */
  send(frame: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN && this.greeted) this.socket.send(JSON.stringify(frame))
  }

  /** Before the first connection, answers move the point to resume from; afterwards only frames do. */
  saw(seq: number): void {
    if (this.last === 0) this.last = seq
  }

  private connect(): void {
    const opening = this.opening
    if (!opening) return
    // Never two lines at once: what came over both would be told twice.
    this.drop()
    const address = new URL('/api/v1/events', location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    if (this.last > 0) address.searchParams.set('after', String(this.last))
    if (this.epoch) address.searchParams.set('epoch', this.epoch)
    const socket = new WebSocket(address)
    this.socket = socket
    this.greeted = false
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: 'auth', token: opening.token() }))
      this.hear()
    }
    socket.onmessage = (event) => {
      if (socket !== this.socket || typeof event.data !== 'string') return
      this.hear()
      this.take(JSON.parse(event.data) as Frame & { epoch?: string; build?: string })
    }
    socket.onclose = (event) => {
      if (socket === this.socket) void this.lost(event.code)
    }
  }

  private take(frame: Frame & { epoch?: string; build?: string }): void {
    if (frame.type === 'hello') {
      this.greeted = true
      this.failures = 0
      this.nextTry.set(null)
      this.link.set('connected')
      if (frame.build) this.build.set(frame.build)
      const another = this.epoch !== null && frame.epoch !== this.epoch
      this.epoch = frame.epoch ?? null
      if (another) {
        this.last = frame.seq ?? 0
        this.tell({ type: 'epoch' })
      } else if (this.last === 0) {
        this.last = frame.seq ?? 0
      }
      return
    }
    if (frame.type === 'seq') {
      this.last = Math.max(this.last, frame.seq ?? 0)
      return
    }
    if (frame.type === 'resync' && frame.seq) this.last = frame.seq
    this.tell(frame)
    if (frame.seq) this.last = Math.max(this.last, frame.seq)
  }

  private tell(frame: Frame): void {
    for (const listener of this.listeners) listener(frame)
  }

  private async lost(code: number): Promise<void> {
    this.drop()
    const opening = this.opening
    if (!opening) return
    this.link.set(navigator.onLine === false ? 'offline' : 'reconnecting')
    // Closed before the greeting: most likely the token is spent. 1008 and 4401 say so outright.
    if (!this.greeted || code === 1008 || code === 4401) {
      try {
        if (!(await opening.renew())) return
      } catch {
        // The server can't be reached; the attempt below finds out when it can.
      }
      // Meanwhile another attempt may be under way: a new opening, or somebody who would not wait.
      if (this.opening !== opening || this.socket !== null) return
    }
    const ceiling = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** this.failures++)
    const wait = ceiling / 2 + (Math.random() * ceiling) / 2
    this.nextTry.set(Date.now() + wait)
    this.retry = setTimeout(() => this.connect(), wait)
  }

  private hear(): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => void this.lost(0), SILENCE_MS_MAX)
  }

  private drop(): void {
    clearTimeout(this.retry)
    clearTimeout(this.silence)
    const socket = this.socket
    this.socket = null
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close()
  }
}

export const socket = new LiveSocket()
export const useLink = () => useStore(socket.link)
