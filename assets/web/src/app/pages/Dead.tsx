import { useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Button } from '@/ui/button'
import { Mark } from '@/ui/icons'
import { useT, type MessageId } from '../i18n'
import { outdated } from '../version'

function Dead({ title, hint, children }: { title: MessageId; hint: MessageId; children: ReactNode }) {
  const t = useT()
  return (
    <main className="flex h-full flex-1 flex-col items-center justify-center gap-4 p-6 text-center">
      <Mark size={40} className="text-text-3" />
      <div>
        <h1 className="text-xl font-semibold tracking-tight">{t(title)}</h1>
        <p className="mt-1 max-w-96 text-sm text-balance text-text-3">{t(hint)}</p>
      </div>
      <div className="flex gap-2">{children}</div>
    </main>
  )
}

export function NotFound() {
  const t = useT()
  const router = useRouter()
  return (
    <Dead title="notFound.title" hint="notFound.hint">
      <Button kind="primary" onClick={() => void router.navigate({ to: '/' })}>{t('action.toInbox')}</Button>
    </Dead>
  )
}

export function Unauthorized() {
  const t = useT()
  const router = useRouter()
  return (
    <Dead title="unauthorized.title" hint="unauthorized.hint">
      <Button onClick={() => router.history.back()}>{t('action.back')}</Button>
      <Button kind="primary" onClick={() => void router.navigate({ to: '/' })}>{t('action.toInbox')}</Button>
    </Dead>
  )
}

/** A screen that could not be shown: an older build's piece is missing, or a mistake of ours. */
export function Broken({ error }: { error: unknown }) {
  const t = useT()
  if (/dynamically imported module|module script|preload/i.test(String(error))) outdated.set(true)
  return (
    <Dead title={outdated.get() ? 'version.title' : 'broken.title'} hint={outdated.get() ? 'version.hint' : 'broken.hint'}>
      <Button kind="primary" onClick={() => location.reload()}>{t('action.reload')}</Button>
    </Dead>
  )
}
