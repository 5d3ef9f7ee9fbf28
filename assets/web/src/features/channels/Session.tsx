import { useState, type ReactNode } from 'react'
import type { Channel, SessionAction, SessionState } from '@/api/types'
import { ApiError } from '@/api/client'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT, wordsFor } from '@/app/i18n'
import { Button } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { Notice, Skeleton, Spinner } from '@/ui/feedback'
import { AlertIcon, CheckIcon, PhoneIcon, PlugIcon } from '@/ui/icons'
import { Phone } from '@/ui/phone'
import { QrCode } from '@/ui/qr'
import { toast } from '@/ui/toasts'
import { wahaOf } from './form'
import { ACTIONS, asksFirst, CODE_EVERY_MS, useCountdown, useSession } from './session'

/** A session of WhatsApp Web: paired by a code, started, stopped, and how it does while one looks. */
export function Session({ channel }: { channel: Channel }) {
  const t = useT()
  const session = useSession(channel)
  const [asking, setAsking] = useState<SessionAction | null>(null)
  const { state, act } = session
  const run = (action: SessionAction) => act.mutate(action, { onSuccess: () => toast(t(`session.done.${action}`)) })
  if (channel.status === 'DISABLED') return <Notice>{t('channelStatus.DISABLED.hint')}</Notice>
  if (session.pending) return <Skeleton shape="box" className="h-40" />
  const failure = act.error ?? session.error
  return (
    <div className="flex flex-col gap-4">
      {failure && (
        <Notice tone="bad" role="alert" action={<Button size="sm" busy={session.looking} onClick={() => { act.reset(); session.again() }}>{t('action.retry')}</Button>}>
          {errorWords(failure)}
          {failure instanceof ApiError && failure.status !== 0 && <span lang="en" className="mt-0.5 block text-xs break-words">{failure.message}</span>}
        </Notice>
      )}
      <div aria-live="polite">
        {state === 'SCAN_QR_CODE' ? (
          <Pairing code={session.code} since={session.since} looking={session.looking} onAgain={session.again} />
        ) : (
          <Standing channel={channel} state={state} phone={session.phone} profile={session.profile} />
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        {ACTIONS[state].map((action, index) => (
          <Button
            key={action}
            kind={action === 'logout' ? 'danger' : index === 0 && state !== 'WORKING' && state !== 'SCAN_QR_CODE' ? 'primary' : 'plain'}
            busy={act.isPending && act.variables === action}
            disabled={act.isPending && act.variables !== action}
            onClick={() => (asksFirst(action, state) ? setAsking(action) : run(action))}
          >
            {t(`session.act.${action}`)}
          </Button>
        ))}
      </div>
      <Confirm open={asking !== null} onOpenChange={(open) => !open && setAsking(null)} title={asking ? t(`session.ask.${asking}`, { name: channel.name }) : ''} confirm={asking ? t(`session.act.${asking}`) : ''} cancel={t('action.cancel')} onConfirm={() => asking && run(asking)} danger={asking === 'logout'}>
        {asking && t(`session.ask.${asking}.hint`)}
      </Confirm>
    </div>
  )
}

const LOOKS: Record<Exclude<SessionState, 'SCAN_QR_CODE'>, { tone: string; icon: ReactNode }> = {
  UNKNOWN: { tone: 'bg-sunken text-text-3', icon: <PlugIcon /> },
  STOPPED: { tone: 'bg-sunken text-text-3', icon: <PlugIcon /> },
  STARTING: { tone: 'bg-accent-soft text-accent-text', icon: <Spinner /> },
  PASSKEY_REQUIRED: { tone: 'bg-accent-soft text-accent-text', icon: <PhoneIcon /> },
  PASSKEY_CONFIRMATION_REQUIRED: { tone: 'bg-accent-soft text-accent-text', icon: <PhoneIcon /> },
  WORKING: { tone: 'bg-good-soft text-good', icon: <CheckIcon /> },
  FAILED: { tone: 'bg-bad-soft text-bad', icon: <AlertIcon /> },
}

/** A state other than waiting for a phone, in one line and what it means. */
function Standing({ channel, state, phone, profile }: { channel: Channel; state: Exclude<SessionState, 'SCAN_QR_CODE'>; phone: string | null; profile: string | null }) {
  const t = useT()
  const format = useFormat()
  const { tone, icon } = LOOKS[state]
  const since = wahaOf(channel)?.sessionStateSince
  return (
    <div className="flex items-start gap-3.5">
      <span className={`inline-flex size-11 shrink-0 items-center justify-center rounded-full ${tone}`}>{icon}</span>
      <div className="min-w-0">
        <p className="text-base font-semibold">{wordsFor('sessionState', state, 'sessionState.UNKNOWN')}</p>
        {state === 'WORKING' && phone && (
          <p className="text-base text-text-2">
            <Phone value={phone} className="font-medium text-text" />
            {profile && ` · ${profile}`}
          </p>
        )}
        <p className="max-w-prose text-sm text-text-3">{wordsFor('sessionStateHint', state, 'sessionStateHint.UNKNOWN')}</p>
        {since && <p className="mt-0.5 text-xs text-text-3">{t('session.since', { at: format.relative(since) })}</p>}
      </div>
    </div>
  )
}

/** The code with what to do on the phone, as WhatsApp's own page shows it. */
function Pairing({ code, since, looking, onAgain }: { code: string | null; since: number; looking: boolean; onAgain: () => void }) {
  const t = useT()
  return (
    <div className="flex flex-col items-center gap-5 sm:flex-row sm:items-start sm:gap-7">
      <div className="flex w-full max-w-64 shrink-0 flex-col items-center gap-2">
        {code ? (
          <QrCode text={code} label={t('session.code')} className="w-full border border-line shadow-xs" />
        ) : (
          <span className="flex aspect-square w-full items-center justify-center rounded-lg border border-line bg-sunken text-text-3"><Spinner size={28} label={t('session.codeComing')} /></span>
        )}
        <Countdown key={since} since={since} looking={looking} />
      </div>
      <div className="flex min-w-0 flex-col gap-3">
        <p className="text-lg font-semibold">{t('session.scan')}</p>
        <ol className="flex flex-col gap-2.5 text-sm text-text-2">
          {(['open', 'menu', 'link', 'point'] as const).map((step, index) => (
            <li key={step} className="flex gap-2.5">
              <span aria-hidden="true" className="tabular inline-flex size-5.5 shrink-0 items-center justify-center rounded-full border border-line-strong text-xs font-semibold text-text-3">{index + 1}</span>
              <span className="pt-px">{t(`session.step.${step}`)}</span>
            </li>
          ))}
        </ol>
        <p className="text-xs text-text-3 sm:hidden">{t('session.otherScreen')}</p>
        <div><Button busy={looking} onClick={onAgain}>{t('session.newCode')}</Button></div>
      </div>
    </div>
  )
}

/** How long until the next code; shown, not spoken every second. */
function Countdown({ since, looking }: { since: number; looking: boolean }) {
  const t = useT()
  const left = useCountdown(since, CODE_EVERY_MS)
  return (
    <div className="w-full" aria-hidden="true">
      <span className="block h-1 w-full overflow-hidden rounded-full bg-sunken">
        <span className="block h-full rounded-full bg-lamp transition-[width] duration-1000 ease-linear" style={{ width: `${Math.min(100, (left * 100_000) / CODE_EVERY_MS)}%` }} />
      </span>
      <p className="tabular mt-1 text-center text-xs text-text-3">{looking || left === 0 ? t('session.codeComing') : t('session.codeLeft', { seconds: left })}</p>
    </div>
  )
}
