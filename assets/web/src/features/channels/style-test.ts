export type PathStyle = 'body' | 'path'
/** What became of a message so far: it left, it was refused for good, or it waits behind a channel that broke over it. */
export type Fate = 'taken' | 'refused' | 'held' | 'under way'

/** What a trial needs of the world. */
export interface Trial {
  /** Addresses calls so from now on, and lets go what waited for a repair. */
  use(style: PathStyle): Promise<void>
  /** Sends a test; gives its id. */
  send(): Promise<string>
  look(messageId: string): Promise<{ fate: Fate; reason?: string | null }>
  pause(ms: number): Promise<void>
}

export type Finding = { style: PathStyle } | { style: null; reason: string | null }

const LOOK_EVERY_MS = 700
/** So long one message is waited for; a session's own manners take up to ten seconds. */
const LOOKS_MAX = 28

/** Tries the style in use, then the other one; the one that carries a message stays. Neither: all is as it was. */
export async function findStyle(now: PathStyle, trial: Trial): Promise<Finding> {
  const first = await trial.send()
  const before = await settled(first, trial)
  if (before.fate === 'taken') return { style: now }
  const other = now === 'body' ? 'path' : 'body'
  await trial.use(other)
  // What was held goes out by itself now: one test is enough for whoever gets it.
  const after = await settled(before.fate === 'refused' ? await trial.send() : first, trial)
  if (after.fate === 'taken') return { style: other }
  await trial.use(now)
  return { style: null, reason: after.reason ?? before.reason ?? null }
}

async function settled(id: string, trial: Trial) {
  let last = await trial.look(id)
  for (let looks = 1; last.fate === 'under way' && looks < LOOKS_MAX; looks++) {
    await trial.pause(LOOK_EVERY_MS)
    last = await trial.look(id)
  }
  return last
}
