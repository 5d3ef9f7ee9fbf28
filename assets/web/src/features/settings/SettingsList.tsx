import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { settings as calls } from '@/api/calls'
import type { Setting, SettingLevel, SettingValue } from '@/api/types'
import { errorWords, fieldWords } from '@/app/errors'
import { Form } from '@/app/form'
import { known, t as words, useT, wordsFor } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { can } from '@/app/session'
import { Button } from '@/ui/button'
import { Switch } from '@/ui/controls'
import { Notice, Skeleton } from '@/ui/feedback'
import { Field, Input, TextArea } from '@/ui/field'
import { LockIcon } from '@/ui/icons'
import { Card } from '@/ui/page'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { editLevel, isOptional, kindOf, parsed, partOf, typed } from './values'

/** Every setting that reaches the firm: its value, where it comes from, and who may, changes it. */
export function SettingsList() {
  const t = useT()
  // Frames of `setting.*` ask for it again; what was changed from the command line is seen when the list is opened.
  const list = useQuery({ queryKey: ['setting'], queryFn: async () => (await calls.list()).items, refetchOnMount: 'always' })
  const place = { firm: can('settings.manage'), box: can('platform.manage') }
  return (
    <Card title={t('setting.title')} hint={t('setting.hint')} className="divide-y divide-line">
      {list.error && <Notice tone="bad" role="alert" className="m-4" action={<Button size="sm" onClick={() => void list.refetch()}>{t('action.retry')}</Button>}>{errorWords(list.error)}</Notice>}
      {list.isPending && <div className="flex flex-col gap-2 p-4"><Skeleton className="h-10" /><Skeleton className="h-10" /></div>}
      {list.data?.map((setting) => <Row key={setting.key} setting={setting} level={editLevel(setting, place.firm, place.box)} />)}
    </Card>
  )
}

function Row({ setting, level }: { setting: Setting; level: SettingLevel | null }) {
  const t = useT()
  const [editing, setEditing] = useState(false)
  const put = useMutation({
    mutationFn: (value: SettingValue) => calls.put(setting.key, level!, value),
    onSuccess: (saved) => {
      queryClient.setQueryData<Setting[]>(['setting'], (all) => all?.map((one) => (one.key === saved.key ? saved : one)))
      setEditing(false)
      toast(t('action.saved'))
    },
  })
  const about = known(`setting.${setting.key}`)
  const reset = level !== null && setting.origin === level
  return (
    <div className="flex flex-col gap-2.5 px-4 py-3">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0 flex-1">
          <p className="text-sm font-medium" lang={about ? undefined : 'en'}>{about ? wordsFor('setting', setting.key, 'setting.title') : setting.about}</p>
          <p className="mt-0.5 flex flex-wrap items-center gap-1.5 text-xs text-text-3">
            <code className="break-all">{setting.key}</code>
            {setting.fixedBy ? (
              <Badge><LockIcon size={11} />{t('setting.fixed')}</Badge>
            ) : (
              <Badge tone={setting.origin ? 'accent' : 'neutral'}>{setting.origin ? t(`setting.origin.${setting.origin}`) : t('setting.origin.default')}</Badge>
            )}
          </p>
          {setting.fixedBy && <p className="mt-0.5 text-xs text-text-3">{t(`setting.fixedBy.${setting.fixedBy}`)} <code className="break-all">{setting.fixedName}</code></p>}
        </div>
        {level && !editing && (
          <span className="flex gap-2">
            {reset && <Button size="sm" kind="quiet" busy={put.isPending} onClick={() => put.mutate(null)}>{t('setting.reset')}</Button>}
            <Button size="sm" onClick={() => { put.reset(); setEditing(true) }} aria-label={t('setting.edit', { key: setting.key })}>{t('action.edit')}</Button>
          </span>
        )}
      </div>
      {!editing && put.error && <Notice tone="bad" role="alert">{errorWords(put.error)}</Notice>}
      {editing ? <Editor setting={setting} busy={put.isPending} error={put.error} onSave={put.mutate} onCancel={() => { put.reset(); setEditing(false) }} /> : <Shown value={setting.value} />}
    </div>
  )
}

/** Name of one part of a grouped value. */
const partName = (part: string) => wordsFor('setting.part', part, 'setting.part.other', { part })

function Shown({ value }: { value: SettingValue }) {
  const t = useT()
  if (kindOf(value) === 'group') {
    return (
      <dl className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-2">
        {Object.entries(value as Record<string, SettingValue>).map(([part, one]) => (
          <div key={part} className="flex flex-wrap justify-between gap-x-3">
            <dt className="text-text-3">{partName(part)}</dt>
            <dd className="tabular ml-auto text-right break-all">{inWords(one) || '–'}</dd>
          </div>
        ))}
      </dl>
    )
  }
  return <p className="tabular text-sm break-all">{inWords(value) || <span className="text-text-3">{t('setting.empty')}</span>}</p>
}

function inWords(value: SettingValue): string {
  if (typeof value === 'boolean') return value ? words('word.yes') : words('word.no')
  return Array.isArray(value) ? value.join(', ') || '–' : typed(value)
}

function Editor({ setting, busy, error, onSave, onCancel }: { setting: Setting; busy: boolean; error: unknown; onSave: (value: SettingValue) => void; onCancel: () => void }) {
  const t = useT()
  const group = kindOf(setting.default) === 'group'
  // A single value is edited as a group of one.
  const defaults = (group ? setting.default : { value: setting.default }) as Record<string, SettingValue>
  const [values, setValues] = useState(() => ({ ...defaults, ...((group ? setting.value : { value: setting.value }) as Record<string, SettingValue>) }))
  const [texts, setTexts] = useState<Record<string, string>>(() => Object.fromEntries(Object.entries(values).map(([part, value]) => [part, typed(value)])))
  const shapeOf = (part: string) => (group ? partOf(setting.schema, part) : setting.schema)
  const kindOfPart = (part: string) => kindOf(defaults[part] ?? values[part] ?? null, shapeOf(part))
  const submit = () => {
    const whole = Object.fromEntries(Object.entries(values).map(([part, value]) => {
      const kind = kindOfPart(part)
      return [part, kind === 'flag' || kind === 'group' ? value : parsed(texts[part] ?? '', kind, isOptional(shapeOf(part)))]
    }))
    onSave(group ? whole : whole.value!)
  }
  // What is wrong with a part is said at it; a group as a whole can be wrong too.
  const fieldOf = (part: string) => (group ? `value.${part}` : 'value')
  const problem = fieldWords(error, 'value')
  return (
    <Form error={error} fields={['value', ...Object.keys(values).map(fieldOf)]} onSubmit={submit} className="flex max-w-md flex-col gap-3">
      {group && problem && <Notice tone="bad" role="alert">{problem}</Notice>}
      {Object.entries(values).map(([part, value]) => {
        const kind = kindOfPart(part)
        const label = group ? partName(part) : t('setting.value')
        if (kind === 'group') return null
        if (kind === 'flag') return <Switch key={part} label={label} checked={value === true} onChange={(on) => setValues((all) => ({ ...all, [part]: on }))} />
        const onText = (text: string) => setTexts((all) => ({ ...all, [part]: text }))
        return (
          <Field key={part} label={label} hint={[kind === 'lines' && t('setting.oneALine'), isOptional(shapeOf(part)) && t('setting.leaveEmpty')].filter(Boolean).join(' ') || undefined} error={fieldWords(error, fieldOf(part))}>
            {(control) =>
              kind === 'lines' ? (
                <TextArea {...control} value={texts[part]} onChange={(event) => onText(event.target.value)} spellCheck={false} />
              ) : (
                <Input {...control} inputMode={kind === 'number' ? 'decimal' : undefined} value={texts[part]} onChange={(event) => onText(event.target.value)} spellCheck={false} autoComplete="off" />
              )
            }
          </Field>
        )
      })}
      <p className="text-xs text-text-3">{t('setting.default', { value: group ? Object.values(defaults).map((one) => inWords(one) || '–').join(' · ') : inWords(setting.default) || '–' })}</p>
      <div className="flex gap-2">
        <Button kind="primary" type="submit" busy={busy}>{t('action.save')}</Button>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
      </div>
    </Form>
  )
}
