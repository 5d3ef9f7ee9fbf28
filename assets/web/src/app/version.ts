import { createStore } from '@/lib/store'
import { socket } from './socket'

/** Another build of the web app is being served: this tab should be loaded again. */
export const outdated = createStore(false)

/** The build this tab began with is the one of the first greeting; another one later means an upgrade happened. */
export function watchVersion(): void {
  let first: string | null = null
  socket.build.subscribe(() => {
    const served = socket.build.get()
    first ??= served
    if (served !== first) outdated.set(true)
  })
  // A lazily loaded piece is gone after an upgrade: its hashed name belongs to the build before.
  addEventListener('vite:preloadError', (event) => {
    event.preventDefault()
    outdated.set(true)
  })
}
