import './trusted'
import './style.css'
import { createRoot } from 'react-dom/client'
import { followSession } from '@/features/conversations/outbox'
import { App } from './App'
import { followEvents } from './follow'
import { activate, localeFor } from './i18n'
import { applyPreferences, preferences } from './preferences'
import { restore, session } from './session'
import { watchVersion } from './version'

applyPreferences()
followEvents()
followSession()
watchVersion()

await activate(localeFor([preferences.get().language, ...navigator.languages]))
createRoot(document.getElementById('root')!).render(<App />)
// The person's own choice wins, then this browser's, then the firm's.
session.subscribe(() => {
  const now = session.get()
  if (now.status === 'in') void activate(localeFor([preferences.get().language, now.me.language, now.me.tenant?.language, ...navigator.languages]))
})
await restore()
