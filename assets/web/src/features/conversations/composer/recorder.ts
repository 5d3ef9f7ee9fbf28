/** Why nothing could be recorded, as stable codes. */
export type Trouble = 'insecure' | 'refused' | 'none' | 'busy' | 'failed'

export interface Recording {
  file: File
  durationMs: number
  /** Loudness along it, 0 to 1. */
  levels: number[]
}

/** The browser's first choice that phones play: the box puts WebM into Ogg by itself. */
const FORMATS = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4;codecs=mp4a.40.2', 'audio/mp4']
/** Speech is clear at this rate, and half an hour stays below WhatsApp's 16 MB. */
const BITS_PER_SECOND = 32_000
export const RECORDING_MS_MAX = 30 * 60_000
/** How often the level is read. */
const LEVEL_MS = 60

/** Records the microphone until it is stopped or thrown away. */
export class Recorder {
  private readonly chunks: Blob[] = []
  private readonly levels: number[] = []
  private readonly context: AudioContext
  private readonly meter: AnalyserNode
  private readonly timer: ReturnType<typeof setInterval>
  private recordedMs = 0
  private since = Date.now()

  private constructor(
    private readonly stream: MediaStream,
    private readonly recorder: MediaRecorder,
    private readonly tell: (level: number, ms: number) => void,
  ) {
    this.context = new AudioContext()
    this.meter = this.context.createAnalyser()
    this.meter.fftSize = 1024
    this.context.createMediaStreamSource(stream).connect(this.meter)
    recorder.ondataavailable = (event) => event.data.size > 0 && this.chunks.push(event.data)
    recorder.start(1_000)
    this.timer = setInterval(() => this.read(), LEVEL_MS)
  }

  /** Asks for the microphone. Throws a `Trouble`. */
  static async start(tell: (level: number, ms: number) => void): Promise<Recorder> {
    if (!navigator.mediaDevices?.getUserMedia || typeof MediaRecorder === 'undefined') throw isSecureContext ? 'failed' : 'insecure'
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true } })
      const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format))
      return new Recorder(stream, new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND }), tell)
    } catch (error) {
      throw troubleOf(error)
    }
  }

  get ms(): number {
    return this.recordedMs + (this.recorder.state === 'recording' ? Date.now() - this.since : 0)
  }

  pause(): void {
    if (this.recorder.state !== 'recording') return
    this.recordedMs = this.ms
    this.recorder.pause()
    this.tell(0, this.recordedMs)
  }

  resume(): void {
    if (this.recorder.state !== 'paused') return
    this.since = Date.now()
    this.recorder.resume()
  }

  /** Ends it and gives what was said. */
  async stop(): Promise<Recording> {
    const durationMs = this.ms
    const ended = new Promise<void>((done) => this.recorder.addEventListener('stop', () => done(), { once: true }))
    this.recorder.stop()
    await ended
    this.release()
    const mime = this.recorder.mimeType.split(';')[0] || 'audio/webm'
    // Nobody gave it a name, and lists would show one.
    const file = new File(this.chunks, '', { type: mime })
    return { file, durationMs, levels: this.levels }
  }

  /** Ends it and forgets what was said. */
  discard(): void {
    if (this.recorder.state !== 'inactive') this.recorder.stop()
    this.release()
  }

  private release(): void {
    clearInterval(this.timer)
    for (const track of this.stream.getTracks()) track.stop()
    void this.context.close().catch(() => undefined)
  }

  private read(): void {
    if (this.recorder.state !== 'recording') return
    const samples = new Float32Array(this.meter.fftSize)
    this.meter.getFloatTimeDomainData(samples)
    const level = loudness(samples)
    this.levels.push(level)
    this.tell(level, this.ms)
  }
}

/** 0 for silence, 1 for shouting: speech lies between -50 and -10 dB. */
export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
  const decibels = 10 * Math.log10(power + 1e-9)
  return Math.min(1, Math.max(0, (decibels + 50) / 40))
}

/** As many bars as there is room for, each as high as the loudest moment it stands for. */
export function barsOf(levels: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, bar) => {
    const part = levels.slice(Math.floor((bar * levels.length) / count), Math.max(Math.floor(((bar + 1) * levels.length) / count), Math.floor((bar * levels.length) / count) + 1))
    return part.reduce((most, level) => Math.max(most, level), 0)
  })
}

/** 1:05 */
export const clockWords = (ms: number): string => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`

export function troubleOf(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none'
  return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'failed'
}
