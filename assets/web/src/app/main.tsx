import './trusted'
import './style.css'
import { createRoot } from 'react-dom/client'
import { followSession } from '@/features/conversations/outbox'
import { App } from './App'
import { followEvents } from './follow'
import { activate, localeFor, localeOf } from './i18n'
import { applyPreferences, preferences } from './preferences'
import { restore, session } from './session'
import { watchVersion } from './version'

applyPreferences()
followEvents()
followSession()
watchVersion()

await activate(localeFor([preferences.get().language, ...navigator.languages]))
createRoot(document.getElementById('root')!).render(<App />)
session.subscribe(() => {
  const now = session.get()
  if (now.status === 'in') void activate(localeOf(now.me, preferences.get().language))
})
await restore()
