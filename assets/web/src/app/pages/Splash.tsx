import { Button } from '@/ui/button'
import { Mark } from '@/ui/icons'
import { useT } from '../i18n'
import { restore } from '../session'

/** Shown while the session comes back, and when the server doesn't answer. */
export function Splash({ unreachable }: { unreachable: boolean }) {
  const t = useT()
  return (
    <main className="flex h-full flex-col items-center justify-center gap-4 p-6 text-center">
      <Mark size={44} className={unreachable ? 'text-text-3' : 'animate-pulse-soft text-text'} />
      {unreachable ? (
        <>
          <div>
            <h1 className="text-lg font-semibold">{t('splash.unreachable')}</h1>
            <p className="max-w-80 text-sm text-text-3">{t('splash.unreachableHint')}</p>
          </div>
          <Button kind="primary" onClick={() => void restore()}>{t('action.retry')}</Button>
        </>
      ) : (
        <p className="sr-only" role="status">{t('splash.restoring')}</p>
      )}
    </main>
  )
}
