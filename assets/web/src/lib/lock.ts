/** Runs `work` while no other tab of this origin does the same; without Web Locks (plain http), alone in this tab. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  if ('locks' in navigator && navigator.locks) return navigator.locks.request(name, work) as Promise<T>
  const before = QUEUES.get(name) ?? Promise.resolve()
  const mine = before.then(work, work)
  QUEUES.set(name, mine.catch(() => undefined))
  return mine
}

const QUEUES = new Map<string, Promise<unknown>>()
