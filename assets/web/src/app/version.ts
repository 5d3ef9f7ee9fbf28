import { createStore } from '@/lib/store'
import { socket } from './socket'

/** Another build of the web app is being served: this tab should be loaded again. */
export const outdated = createStore(false)

/** Builds differ in the hash of their sources; the page learns its own at build time. */
export function watchVersion(): void {
  socket.build.subscribe(() => {
    const served = socket.build.get()
    if (served && served !== 'dev' && served !== __BUILD__ && !import.meta.env.DEV) outdated.set(true)
  })
  // A lazily loaded piece is gone after an upgrade: its hashed name belongs to the build before.
  addEventListener('vite:preloadError', (event) => {
    event.preventDefault()
    outdated.set(true)
  })
}
