import type { ReactNode } from 'react'
import { useRecords } from '@/api/cache'
import type { Channel } from '@/api/types'
import { fieldWords } from '@/app/errors'
import { useT } from '@/app/i18n'
import { can } from '@/app/session'
import { useQueues } from '@/features/conversations/directory'
import { Field, TextField } from '@/ui/field'
import { Select } from '@/ui/select'
import { secretOf, type ChannelValues, type Setting } from './form'

const SECRET: ReadonlySet<string> = new Set<Setting>(['accessToken', 'appSecret', 'verifyToken'])
const ALWAYS = ['phoneNumberId', 'businessAccountId', 'accessToken', 'appSecret'] as const
const RARE = ['verifyToken', 'baseUrl'] as const

/** Fields whose problems are shown where they stand; anything else is said above the form. */
export const SHOWN = ['name', 'queueId', ...[...ALWAYS, ...RARE].map((name) => `config.${name}`)]

/** The fields of a WhatsApp number; of a channel that is there, secrets show their end and can be replaced. */
export function ChannelFields({ values, onChange, error, channel }: { values: ChannelValues; onChange: (values: ChannelValues) => void; error: unknown; channel?: Channel }) {
  const t = useT()
  useQueues()
  const queues = useRecords('queue')
  const problem = (name: Setting) => fieldWords(error, `config.${name}`)
  const setting = (name: Setting): ReactNode => {
    const secret = secretOf(channel, name)
    // A channel always has a verify token; it is shown above, ready to be copied.
    const isSet = secret?.set || (channel && name === 'verifyToken')
    const kept = isSet ? (secret?.last4 ? t('channel.secretKept', { last4: secret.last4 }) : t('channel.secretSet')) : undefined
    const hint = channel && name === 'verifyToken' ? t('channel.verifyTokenOther') : t(`channel.${name}Hint`)
    return (
      <TextField
        key={name}
        label={t(`channel.${name}`)}
        hint={<>{kept && <span className="block text-text-2">{kept}</span>}{hint}</>}
        type={SECRET.has(name) ? 'password' : name === 'baseUrl' ? 'url' : 'text'}
        inputMode={name.endsWith('Id') ? 'numeric' : undefined}
        autoComplete={SECRET.has(name) ? 'new-password' : 'off'}
        spellCheck={false}
        placeholder={secret?.set ? `••••••••${secret.last4 ?? ''}` : undefined}
        value={values.config[name] ?? ''}
        onChange={(event) => onChange({ ...values, config: { ...values.config, [name]: event.target.value } })}
        error={problem(name)}
      />
    )
  }
  return (
    <>
      <TextField label={t('channel.name')} value={values.name} onChange={(event) => onChange({ ...values, name: event.target.value })} error={fieldWords(error, 'name')} />
      {can('queue.read') && (
        <Field label={t('channel.queue')} hint={t('channel.queueHint')} error={fieldWords(error, 'queueId')}>
          {(control) => (
            <Select
              {...control}
              value={values.queueId}
              onChange={(queueId) => onChange({ ...values, queueId })}
              options={[{ value: '', label: t('channel.queueDefault') }, ...queues.map((queue) => ({ value: queue.id, label: queue.name }))]}
            />
          )}
        </Field>
      )}
      {ALWAYS.map(setting)}
      {channel || RARE.some((name) => fieldWords(error, `config.${name}`)) ? (
        RARE.map(setting)
      ) : (
        <details className="flex flex-col">
          <summary className="w-fit rounded-sm max-sm:py-3.5 text-sm font-medium text-text-2">{t('channel.rare')}</summary>
          <div className="mt-3 flex flex-col gap-4">{RARE.map(setting)}</div>
        </details>
      )}
    </>
  )
}
