import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type ReactNode, type SubmitEvent } from 'react'
import { cache, useRecord } from '@/api/cache'
import { channels, invitations } from '@/api/calls'
import type { Channel, Invitation } from '@/api/types'
import { demand, errorWords, fieldWords, shownAtFields } from '@/app/errors'
import { useT } from '@/app/i18n'
import { go } from '@/app/go'
import { can, useMe } from '@/app/session'
import { CheckList, useCheck } from '@/features/channels/CheckList'
import { ConnectForm } from '@/features/channels/ConnectForm'
import { Session } from '@/features/channels/Session'
import { TestMessage } from '@/features/channels/TestMessage'
import { Webhook } from '@/features/channels/Webhook'
import { check } from '@/lib/check'
import { cx } from '@/lib/cx'
import { Button } from '@/ui/button'
import { CopyField } from '@/ui/copy'
import { Notice, Skeleton, Spinner } from '@/ui/feedback'
import { Field, TextField } from '@/ui/field'
import { CheckIcon } from '@/ui/icons'
import { Page } from '@/ui/page'
import { Select } from '@/ui/select'
import { EMAIL_RULES } from './rules'

type StepId = 'channel' | 'webhook' | 'test' | 'team'
const STEPS: readonly StepId[] = ['channel', 'webhook', 'test', 'team']

/** The first half hour: a WhatsApp number, proof that it works, and the colleagues. Each step can wait. */
export default function Welcome() {
  const t = useT()
  const me = useMe()
  const list = useQuery({
    queryKey: ['directory', 'channels'],
    queryFn: async () => {
      cache.putAll('channel', await channels.all())
      return true
    },
  })
  const first = useQuery({ queryKey: ['first-channel'], queryFn: async () => (await channels.all()).sort((a, b) => Number(b.isDefault) - Number(a.isDefault))[0]?.id ?? null })
  const [made, setMade] = useState<string | null>(null)
  const channel = useRecord('channel', made ?? first.data)
  const [chosen, setChosen] = useState<StepId | null>(null)
  const [tested, setTested] = useState(false)
  // One comes back to where one left: the first step that isn't done.
  const step = chosen ?? (!channel ? 'channel' : channel.lastInboundAt || channel.status === 'CONNECTED' ? 'test' : 'webhook')
  const done: Record<StepId, boolean> = { channel: !!channel, webhook: channel?.status === 'CONNECTED', test: tested || !!channel?.lastInboundAt, team: false }
  const next = () => {
    const after = STEPS[STEPS.indexOf(step) + 1]
    if (after) setChosen(after)
    else go('/inbox/all')
  }
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Page centred title={t('welcome.title', { name: me.name.split(' ')[0]! })} intro={t('welcome.intro')} actions={<Button kind="quiet" onClick={() => go('/inbox/all')}>{t('welcome.later')}</Button>}>
        {first.isPending || list.isPending ? (
          <Skeleton shape="box" className="h-64" />
        ) : (
          <ol className="overflow-hidden rounded-lg border border-line bg-surface shadow-xs">
            {STEPS.map((id, index) => (
              <Step key={id} number={index + 1} title={id === 'webhook' && channel?.kind === 'waha' ? t('session.title') : t(`welcome.step.${id}`)} open={id === step} done={done[id]} onOpen={() => setChosen(id)}>
                {id === 'channel' && (channel ? <ChannelThere channel={channel} onNext={next} /> : <ConnectForm onMade={(one) => { setMade(one.id); setChosen('webhook') }} />)}
                {id === 'webhook' && (channel ? <WebhookStep channel={channel} onNext={next} /> : <Missing />)}
                {id === 'test' && (channel ? <TestStep channel={channel} onSent={() => setTested(true)} sent={tested} onNext={next} /> : <Missing />)}
                {id === 'team' && <Team />}
              </Step>
            ))}
          </ol>
        )}
      </Page>
    </div>
  )
}

function Step({ number, title, open, done, onOpen, children }: { number: number; title: string; open: boolean; done: boolean; onOpen: () => void; children: ReactNode }) {
  const t = useT()
  return (
    <li className="border-b border-line last:border-b-0">
      <h2>
        <button type="button" aria-expanded={open} onClick={onOpen} className={cx('flex w-full items-center gap-3 px-4 py-3.5 text-left -outline-offset-2 transition-colors', !open && 'hover:bg-hover')}>
          <span className={cx('tabular inline-flex size-6 shrink-0 items-center justify-center rounded-full text-xs font-semibold', done ? 'bg-good-soft text-good' : open ? 'bg-primary text-on-primary' : 'border border-line-strong text-text-3')}>
            {done ? <CheckIcon size={14} strokeWidth={2.2} role="img" aria-hidden={false} aria-label={t('welcome.done')} /> : number}
          </span>
          <span className={cx('text-base', open ? 'font-semibold' : 'font-medium text-text-2')}>{title}</span>
        </button>
      </h2>
      {open && <div className="animate-enter px-4 pb-5 sm:pl-13">{children}</div>}
    </li>
  )
}

function Missing() {
  const t = useT()
  return <Notice>{t('welcome.channelFirst')}</Notice>
}

function ChannelThere({ channel, onNext }: { channel: Channel; onNext: () => void }) {
  const t = useT()
  return (
    <>
      <p className="text-sm text-text-2">{t('welcome.channelThere', { name: channel.name })}</p>
      <Button kind="primary" className="mt-4" onClick={onNext}>{t('action.continue')}</Button>
    </>
  )
}

function WebhookStep({ channel, onNext }: { channel: Channel; onNext: () => void }) {
  const t = useT()
  const check = useCheck(channel)
  const fine = check.data?.checks.every((one) => one.ok)
  return (
    <div className="flex max-w-xl flex-col gap-4">
      {channel.kind === 'waha' ? <Session channel={channel} /> : <Webhook channel={channel} />}
      <div aria-live="polite">
        {check.error ? <Notice tone="bad" role="alert">{errorWords(check.error)}</Notice> : check.data && <CheckList checks={check.data.checks} kind={channel.kind} />}
      </div>
      <div className="flex gap-2">
        <Button kind={fine ? 'plain' : 'primary'} busy={check.isPending} onClick={() => check.mutate()}>{t('welcome.check')}</Button>
        <Button kind={fine ? 'primary' : 'quiet'} onClick={onNext}>{fine ? t('action.continue') : t('action.skip')}</Button>
      </div>
    </div>
  )
}

function TestStep({ channel, sent, onSent, onNext }: { channel: Channel; sent: boolean; onSent: () => void; onNext: () => void }) {
  const t = useT()
  const heard = channel.lastInboundAt
  return (
    <div className="flex max-w-xl flex-col gap-4">
      <TestMessage channel={channel} onSent={onSent} />
      <p className="flex items-center gap-2 text-sm text-text-2" role="status">
        {heard ? <CheckIcon size={16} className="text-good" /> : <span className="text-text-3"><Spinner size={16} /></span>}
        {heard ? t('welcome.heard') : t('welcome.listening')}
      </p>
      <div><Button kind={heard || sent ? 'primary' : 'quiet'} onClick={onNext}>{heard || sent ? t('action.continue') : t('action.skip')}</Button></div>
    </div>
  )
}

function Team() {
  const t = useT()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState('AGENT')
  const [made, setMade] = useState<readonly Invitation[]>([])
  const invite = useMutation({
    mutationFn: async () => {
      demand(check({ email }, { email: EMAIL_RULES }))
      return invitations.create({ email: email.trim(), role })
    },
    onSuccess: (one) => {
      setMade((all) => [...all, one])
      setEmail('')
    },
  })
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    invite.mutate()
  }
  if (!can('user.manage')) return <Notice>{t('error.forbidden')}</Notice>
  return (
    <div className="flex max-w-xl flex-col gap-4">
      <p className="text-sm text-text-3">{t('welcome.teamIntro')}</p>
      <form onSubmit={submit} noValidate className="flex flex-wrap items-start gap-2">
        <TextField fieldClass="flex-1 min-w-48" label={t('field.email')} type="email" value={email} onChange={(event) => setEmail(event.target.value)} error={fieldWords(invite.error, 'email')} />
        <Field label={t('word.role')} className="w-40">
          {(control) => <Select {...control} value={role} onChange={setRole} options={(['AGENT', 'SUPERVISOR', 'ADMIN'] as const).map((value) => ({ value: value as string, label: t(`role.${value}`) }))} />}
        </Field>
        <Button type="submit" className="mt-6 h-9 max-sm:h-11" busy={invite.isPending} disabled={email.trim() === ''}>{t('welcome.invite')}</Button>
      </form>
      {invite.error && !shownAtFields(invite.error, ['email', 'role']) && <Notice tone="bad" role="alert">{errorWords(invite.error)}</Notice>}
      {made.length > 0 && (
        <ul className="flex flex-col gap-3">
          {made.map((one) => (
            <li key={one.id}>
              <Field label={t('welcome.inviteLink', { email: one.email })}>{(control) => <CopyField {...control} value={one.url ?? ''} />}</Field>
            </li>
          ))}
        </ul>
      )}
      <div><Button kind="primary" onClick={() => go('/inbox/all')}>{t('welcome.finish')}</Button></div>
    </div>
  )
}
