import type { ReactNode } from 'react'
import { useRecords } from '@/api/cache'
import type { Channel, ChannelDefaults } from '@/api/types'
import { fieldWords } from '@/app/errors'
import { useT, wordsFor } from '@/app/i18n'
import { can } from '@/app/session'
import { useQueues } from '@/features/conversations/directory'
import { Field, TextField } from '@/ui/field'
import { Select } from '@/ui/select'
import { PARTS, partsOf, secretOf, type ChannelValues, type Part } from './form'

/** Fields whose problems are shown where they stand; anything else is said above the form. */
export const SHOWN = ['name', 'queueId', ...Object.values(PARTS).flatMap((parts) => parts.map(({ name }) => `config.${name}`))]

/** A WAHA session's settings have words of their own; the first kind's have the channel's. */
const PREFIX: Record<Channel['kind'], string> = { whatsapp_cloud: 'channel', waha: 'waha' }

/** The settings of a channel of one kind; of a channel that is there, secrets show their end and can be replaced. */
export function ChannelFields({ values, onChange, error, channel, defaults }: { values: ChannelValues; onChange: (values: ChannelValues) => void; error: unknown; channel?: Channel; defaults?: ChannelDefaults | undefined }) {
  const t = useT()
  useQueues()
  const queues = useRecords('queue')
  const words = (id: string) => wordsFor(PREFIX[values.kind], id, 'setting.value')
  const put = (name: string, text: string) => onChange({ ...values, config: { ...values.config, [name]: text } })
  const setting = ({ name, as }: Part): ReactNode => {
    const problem = fieldWords(error, `config.${name}`)
    if (as === 'style') {
      return (
        <Field key={name} label={words(name)} hint={words(`${name}Hint`)} error={problem}>
          {(control) => <Select {...control} value={values.config[name] || 'body'} onChange={(style) => put(name, style)} options={(['body', 'path'] as const).map((value) => ({ value, label: t(`waha.pathStyle.${value}`) }))} />}
        </Field>
      )
    }
    const secret = secretOf(channel, name)
    // A channel always has a verify token; it is shown above, ready to be copied.
    const isSet = secret?.set || (channel && name === 'verifyToken')
    const kept = isSet ? (secret?.last4 ? t('channel.secretKept', { last4: secret.last4 }) : t('channel.secretSet')) : undefined
    const hint = channel && name === 'verifyToken' ? t('channel.verifyTokenOther') : words(`${name}Hint`)
    return (
      <TextField
        key={name}
        label={words(name)}
        hint={<>{kept && <span className="block text-text-2">{kept}</span>}{hint}</>}
        type={as === 'secret' ? 'password' : as === 'address' ? 'url' : 'text'}
        inputMode={as === 'id' || as === 'count' ? 'numeric' : undefined}
        autoComplete={as === 'secret' ? 'new-password' : 'off'}
        spellCheck={false}
        placeholder={secret?.set ? `••••••••${secret.last4 ?? ''}` : placeholderOf(values.kind, name, channel ? undefined : defaults)}
        value={values.config[name] ?? ''}
        onChange={(event) => put(name, event.target.value)}
        error={problem}
      />
    )
  }
  const parts = partsOf(values.kind, channel)
  const rare = parts.filter((part) => part.rare)
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
      {parts.filter((part) => !part.rare).map(setting)}
      {channel || rare.some(({ name }) => fieldWords(error, `config.${name}`)) ? (
        rare.map(setting)
      ) : (
        <details className="flex flex-col">
          <summary className="w-fit rounded-sm max-sm:py-3.5 text-sm font-medium text-text-2">{t('channel.rare')}</summary>
          <div className="mt-3 flex flex-col gap-4">{rare.map(setting)}</div>
        </details>
      )}
    </>
  )
}

/** What the server takes where nothing is typed, and how an address of its own looks. */
function placeholderOf(kind: Channel['kind'], name: string, defaults?: ChannelDefaults): string | undefined {
  if (kind !== 'waha') return undefined
  if (name === 'baseUrl') return defaults?.wahaUrl ?? 'http://127.0.0.1:3000'
  if (name === 'session') return defaults?.wahaSession ?? 'default'
  return name === 'apiKey' && defaults?.hasWahaKey ? '••••••••' : undefined
}
