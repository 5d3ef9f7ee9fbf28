import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { cache } from '@/api/cache'
import { channels } from '@/api/calls'
import type { Channel } from '@/api/types'
import { demand, fieldWords } from '@/app/errors'
import { Form } from '@/app/form'
import { useT } from '@/app/i18n'
import { Button } from '@/ui/button'
import { Checkbox } from '@/ui/controls'
import { TextField } from '@/ui/field'
import { Card } from '@/ui/page'
import { toast } from '@/ui/toasts'
import { FILE_KINDS, kindsOf, limitProblems, limitsChange, limitsOf, rulesChange, rulesOf, rulesProblems, toggled } from './limits'

/** A channel's own limits beside the provider's: a refusal names the one that was reached. */
export function OwnLimits({ channel }: { channel: Channel }) {
  const t = useT()
  const [values, setValues] = useState(() => limitsOf(channel))
  const change = limitsChange(channel, values)
  const save = useMutation({
    mutationFn: async () => {
      demand(limitProblems(values))
      return channels.update(channel.id, { limitsOwn: change })
    },
    onSuccess: (answer) => {
      cache.put('channel', answer)
      setValues(limitsOf(answer))
      toast(t('action.saved'))
    },
  })
  return (
    <Card title={t('limits.title')} hint={t('limits.hint')}>
      <Form error={save.error} fields={['limitsOwn.perMinute', 'limitsOwn.perDay']} onSubmit={save.mutate} className="grid max-w-lg gap-4 sm:grid-cols-2">
        {(['perMinute', 'perDay'] as const).map((name) => (
          <TextField
            key={name}
            label={t(`limits.${name}`)}
            placeholder={t('limits.none')}
            inputMode="numeric"
            autoComplete="off"
            value={values[name]}
            error={fieldWords(save.error, `limitsOwn.${name}`)}
            onChange={(event) => setValues({ ...values, [name]: event.target.value })}
          />
        ))}
        <div className="sm:col-span-2"><Button kind="primary" type="submit" busy={save.isPending} disabled={change === undefined}>{t('action.save')}</Button></div>
      </Form>
    </Card>
  )
}

/** Which files a channel takes in, and how large. */
export function FileRulesForm({ channel }: { channel: Channel }) {
  const t = useT()
  const [values, setValues] = useState(() => rulesOf(channel))
  const change = rulesChange(channel, values)
  const save = useMutation({
    mutationFn: async () => {
      demand(rulesProblems(values))
      return channels.update(channel.id, { fileRules: change })
    },
    onSuccess: (answer) => {
      cache.put('channel', answer)
      setValues(rulesOf(answer))
      toast(t('action.saved'))
    },
  })
  const kinds = kindsOf(values.allowed)
  return (
    <Card title={t('files.title')} hint={t('files.hint')}>
      <Form error={save.error} fields={['fileRules.mediaMaxBytes', 'fileRules.documentMaxBytes', 'fileRules.allowed']} onSubmit={save.mutate} className="flex max-w-lg flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          {(['media', 'document'] as const).map((name) => (
            <TextField
              key={name}
              label={t(`files.${name}`)}
              hint={t('files.megabytes')}
              placeholder={t('limits.none')}
              inputMode="decimal"
              autoComplete="off"
              value={values[name]}
              error={fieldWords(save.error, `fileRules.${name}MaxBytes`)}
              onChange={(event) => setValues({ ...values, [name]: event.target.value })}
            />
          ))}
        </div>
        <fieldset className="flex flex-col gap-2 max-sm:gap-0">
          <legend className="mb-1.5 text-sm font-medium text-text-2">{t('files.kinds')}</legend>
          <Checkbox label={t('files.kind.any')} hint={t('files.kind.anyHint')} checked={values.allowed.length === 0} onChange={(any) => setValues({ ...values, allowed: any ? [] : Object.values(FILE_KINDS).flat() })} />
          {values.allowed.length > 0 && (Object.keys(FILE_KINDS) as (keyof typeof FILE_KINDS)[]).map((kind) => (
            <Checkbox key={kind} label={t(`files.kind.${kind}`)} hint={FILE_KINDS[kind].map(extension).join(', ')} checked={kinds.has(kind)} onChange={(on) => setValues({ ...values, allowed: toggled(values.allowed, kind, on) })} />
          ))}
          {fieldWords(save.error, 'fileRules.allowed') && <p className="text-xs text-bad">{fieldWords(save.error, 'fileRules.allowed')}</p>}
        </fieldset>
        <div><Button kind="primary" type="submit" busy={save.isPending} disabled={change === undefined}>{t('action.save')}</Button></div>
      </Form>
    </Card>
  )
}

/** A file type by the name people know it by. */
const extension = (type: string) => NAMES[type] ?? type.split('/').at(-1)!
const NAMES: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'video/3gpp': '3gp',
  'text/plain': 'txt',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
}
