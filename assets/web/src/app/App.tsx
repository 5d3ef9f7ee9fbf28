import { CSPProvider } from '@base-ui/react/csp-provider'
import { I18nProvider } from '@lingui/react'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Asking } from '@/ui/ask'
import { TooltipProvider } from '@/ui/tooltip'
import { Toasts } from '@/ui/toasts'
import { i18n, useT } from './i18n'
import { queryClient } from './query'
import { router } from './router'
import { useSession } from './session'
import { Splash } from './pages/Splash'
import { NONCE } from './trusted'

export function App() {
  return (
    <CSPProvider nonce={NONCE}>
      <I18nProvider i18n={i18n}>
        <QueryClientProvider client={queryClient}>
          <TooltipProvider delay={450}>
            <Screens />
          </TooltipProvider>
        </QueryClientProvider>
      </I18nProvider>
    </CSPProvider>
  )
}

function Screens() {
  const t = useT()
  const { status } = useSession()
  // The guards of the routes look at the session; they look again when it changes.
  useEffect(() => {
    if (status === 'in' || status === 'out') void router.invalidate()
  }, [status])
  if (status === 'restoring' || status === 'unreachable') return <Splash unreachable={status === 'unreachable'} />
  return (
    <>
      <RouterProvider router={router} />
      <Asking cancel={t('action.cancel')} />
      <Toasts closeLabel={t('action.close')} />
    </>
  )
}
