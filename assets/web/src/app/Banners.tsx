import { useEffect, useState } from 'react'
import { useStore } from '@/lib/store'
import { AlertIcon, CloseIcon, LockIcon, RetryIcon, WifiOffIcon } from '@/ui/icons'
import { useT } from './i18n'
import { privateKey } from './session'
import { socket, useLink } from './socket'
import { useSystem } from './system'
import { outdated } from './version'

/** One line each, only while true: a new version, no connection, no room on the disk, an address that switches things off. */
export function Banners() {
  return (
    <div role="region" aria-live="polite">
      <NewVersion />
      <Line />
      <Disk />
      <Insecure />
    </div>
  )
}

const ROW = 'flex min-h-9 items-center justify-center gap-2.5 border-b px-3 py-1 text-xs'
const PRESS = 'touch inline-flex min-h-6 items-center rounded-md px-2 font-semibold underline underline-offset-2'

function NewVersion() {
  const t = useT()
  if (!useStore(outdated)) return null
  return (
    <div className={`${ROW} border-accent-line bg-accent-soft text-accent-text`}>
      <RetryIcon size={15} className="shrink-0" />
      {t('version.title')}
      <button type="button" className={PRESS} onClick={() => location.reload()}>{t('action.reload')}</button>
    </div>
  )
}

/** Blips of a second are not worth a line. */
const PATIENCE_MS = 1_500

function Line() {
  const link = useLink()
  const down = link === 'reconnecting' || link === 'offline'
  return down ? <LineDown key={link} offline={link === 'offline'} /> : null
}

function LineDown({ offline }: { offline: boolean }) {
  const t = useT()
  const nextTry = useStore(socket.nextTry)
  const [since] = useState(Date.now)
  const [now, setNow] = useState(since)
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(tick)
  }, [])
  if (now - since < PATIENCE_MS) return null
  const seconds = nextTry ? Math.max(0, Math.ceil((nextTry - now) / 1000)) : 0
  return (
    <div className={`${ROW} border-note-line bg-note text-note-text`}>
      <WifiOffIcon size={15} className="shrink-0" />
      {offline ? (
        t('link.offline')
      ) : (
        <>
          {/* Said once; the seconds are for the eye. */}
          <span className="sr-only">{t('link.reconnecting')}</span>
          <span aria-hidden="true">{seconds > 0 ? t('link.reconnectingIn', { seconds }) : t('link.reconnecting')}</span>
        </>
      )}
      {!offline && <button type="button" className={PRESS} onClick={() => socket.now()}>{t('link.now')}</button>}
    </div>
  )
}

/** Not to be closed: what people do is refused until somebody makes room. */
function Disk() {
  const t = useT()
  const warning = useSystem()?.warnings.find(({ code }) => code === 'disk_low' || code === 'disk_full')
  if (!warning) return null
  const full = warning.code === 'disk_full'
  return (
    <div className={`${ROW} ${full ? 'border-bad-line bg-bad-soft text-bad' : 'border-note-line bg-note text-note-text'}`}>
      <AlertIcon size={15} className="shrink-0" />
      {t(full ? 'disk.full' : 'disk.low', { detail: warning.detail })}
    </div>
  )
}

const CLOSED = 'insecure-closed'

function Insecure() {
  const t = useT()
  const system = useSystem()
  // Who may not read the system's state still gets the browser's own word for it.
  const insecure = system ? system.insecure : !window.isSecureContext
  const [closed, setClosed] = useState(() => sessionStorage.getItem(privateKey(CLOSED)) !== null)
  if (!insecure || closed) return null
  return (
    <div className={`${ROW} border-line bg-sunken text-text-2`}>
      {window.isSecureContext ? <LockIcon size={15} className="shrink-0" /> : <AlertIcon size={15} className="shrink-0" />}
      <span>{t('insecure.words')}</span>
      <button
        type="button"
        aria-label={t('action.close')}
        className="touch inline-flex size-6 shrink-0 items-center justify-center rounded-md hover:bg-hover max-sm:size-8"
        onClick={() => {
          sessionStorage.setItem(privateKey(CLOSED), '1')
          setClosed(true)
        }}
      >
        <CloseIcon size={14} />
      </button>
    </div>
  )
}
