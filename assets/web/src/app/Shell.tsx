import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'
import { whenIdle } from '@/lib/idle'
import './app-commands'
import { Banners } from './Banners'
import { CommandProvider, inboxTarget } from './command-context'
import { handleKey, type Context } from './commands'
import { useT } from './i18n'
import { Palette } from './Palette'
import { Rail } from './Rail'
import { go } from './go'
import { signOut, useSession } from './session'
import { TitleCount } from './TitleCount'

// Sheets one opens now and then: they come when the desk stands and nothing else is to be done.
const loadHelp = async () => ({ default: (await import('./Help')).Help })
const loadPreferences = async () => ({ default: (await import('./PreferencesDialog')).PreferencesDialog })
const Help = lazy(loadHelp)
const PreferencesDialog = lazy(loadPreferences)

/** The frame of every signed-in screen: rail, banners, and what opens over everything. */
export function Shell() {
  const t = useT()
  const session = useSession()
  const [over, setOver] = useState<'palette' | 'help' | 'preferences' | null>(null)
  const setOpen = useCallback((which: typeof over) => (open: boolean) => setOver(open ? which : null), [])

  const context = useMemo<Context>(
    () => ({
      navigate: go,
      openPalette: () => setOver('palette'),
      openHelp: () => setOver('help'),
      openPreferences: () => setOver('preferences'),
      signOut: () => void signOut(),
      get inbox() {
        return inboxTarget.get() ?? undefined
      },
    }),
    [],
  )

  useEffect(() => {
    const listen = (event: KeyboardEvent) => void handleKey(event, context)
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [context])

  useEffect(() => whenIdle(() => void Promise.all([loadHelp(), loadPreferences()]).catch(() => undefined)), [])

  // Between sign-out and the guard's redirect there is nobody to show this to.
  if (session.status !== 'in') return null
  return (
    <CommandProvider value={context}>
      <a href="#main" className="sr-only z-50 rounded-md bg-primary px-3 py-2 text-on-primary focus:not-sr-only focus:fixed focus:top-2 focus:left-2">{t('shell.skip')}</a>
      <div className="flex h-dvh flex-col">
        <Banners />
        <div className="flex min-h-0 flex-1 max-sm:flex-col-reverse">
          <Rail />
          <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 outline-none">
            <Outlet />
          </main>
        </div>
      </div>
      <TitleCount />
      <Palette open={over === 'palette'} onOpenChange={setOpen('palette')} />
      <Once open={over === 'help'}>
        <Help open={over === 'help'} onOpenChange={setOpen('help')} />
      </Once>
      <Once open={over === 'preferences'}>
        <PreferencesDialog open={over === 'preferences'} onOpenChange={setOpen('preferences')} />
      </Once>
    </CommandProvider>
  )
}

/** There from the first time it opens, so that it may also close in its own way. */
function Once({ open, children }: { open: boolean; children: ReactNode }) {
  const [opened, setOpened] = useState(open)
  if (open && !opened) setOpened(true)
  return opened && <Suspense fallback={null}>{children}</Suspense>
}
