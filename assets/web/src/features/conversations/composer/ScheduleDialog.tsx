import { useLingui } from '@lingui/react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { messages } from '@/api/calls'
import type { Conversation, Message } from '@/api/types'
import { fieldWords } from '@/app/errors'
import { FormDialog } from '@/app/form'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { useMe } from '@/app/session'
import { queryClient } from '@/app/query'
import { uuidv7 } from '@/lib/uuid'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/feedback'
import { Field, Input, TextArea } from '@/ui/field'
import { toast } from '@/ui/toasts'
import { bodyOf } from '../outbox'
import { previewWords, typeWords } from '../words'
import { kindsAt } from './Closed'
import type { More } from './contract'
import { kindOf, takesCaption } from './files'
import { momentOf, shortcuts, wallAt, zoneWords, type Wall } from './moments'
import type { Attached } from './state'

/** What cannot be sooner: the clocks of two machines differ a little. */
const SOONEST_MS = 30_000
/** Nobody plans further ahead by hand. */
const LATEST_MS = 366 * 86_400_000

/** Kinds that have words of their own. */
const WORDED: ReadonlySet<Message['type']> = new Set(['TEXT', 'INTERACTIVE', 'IMAGE', 'VIDEO', 'DOCUMENT'])

/** What names a place or a card. */
const nameOf = ({ location, contacts }: More): string =>
  location ? (location.name ?? `${location.latitude.toFixed(5)}, ${location.longitude.toFixed(5)}`) : (contacts ?? []).map((card) => card.name).join(', ')

interface Props {
  conversation: Conversation
  content: string
  files: readonly Attached[]
  /** What it consists of beside words. */
  more?: More
  replyTo?: string
  /** A message planned before, to be changed. */
  planned?: Message
  onScheduled: () => void
  onClose: () => void
}

/** When a message is to go out, by the firm's calendar and clock. */
export default function ScheduleDialog({ conversation, content, files, more, replyTo, planned, onScheduled, onClose }: Props) {
  const t = useT()
  const format = useFormat()
  const { i18n } = useLingui()
  const zone = useMe().tenant.timezone
  const [now] = useState(() => new Date())
  const quick = shortcuts(now, zone)
  const [wall, setWall] = useState<Wall>(() => (planned?.scheduledFor ? wallAt(new Date(planned.scheduledFor), zone) : quick.find(({ id }) => id === 'tomorrow')!.wall))
  const [words, setWords] = useState(planned?.content ?? content)
  // One id for each part, made once: pressing again after a lost answer plans nothing twice.
  const [ids] = useState(() => [uuidv7(), ...files.map(() => uuidv7())])
  const at = momentOf(wall, zone)
  const ahead = at ? at.getTime() - now.getTime() : 0
  const wrong = !at ? t('field.required') : ahead < SOONEST_MS ? t('composer.schedule.past') : ahead > LATEST_MS ? t('composer.schedule.far') : undefined
  const group = more?.template || planned?.template ? 'template' : files.length > 0 || planned?.media ? 'media' : 'text'
  const closes = at && !wrong && !(kindsAt(conversation.sendWindow, at.getTime()) ?? [group]).includes(group)
  // Words of their own are changed here; a place, a card or a template is planned anew.
  const hasWords = planned && !planned.template && WORDED.has(planned.type)
  const save = useMutation({
    mutationFn: async () => {
      const scheduledFor = at!.toISOString()
      if (planned) return void (await messages.reschedule(planned.id, { scheduledFor, ...(hasWords && words.trim() !== planned.content && { content: words.trim() }) }))
      if (more) return void (await messages.send({ conversationId: conversation.id, clientId: ids[0]!, isPrivate: false, replyTo, scheduledFor, ...bodyOf(content, more) }))
      const asCaption = files.length === 1 && takesCaption(kindOf(files[0]!.file, files[0]!.asDocument))
      for (const [index, one] of files.entries()) {
        const caption = !takesCaption(kindOf(one.file, one.asDocument)) ? '' : asCaption ? words.trim() : one.caption.trim()
        await messages.sendMedia({ conversationId: conversation.id, file: one.file, caption, clientId: ids[index + 1]!, replyTo: index === 0 ? replyTo : undefined, asDocument: one.asDocument || undefined, scheduledFor })
      }
      if (words.trim() !== '' && !asCaption) await messages.send({ conversationId: conversation.id, content: words.trim(), clientId: ids[0]!, isPrivate: false, replyTo: files.length === 0 ? replyTo : undefined, scheduledFor })
    },
    onSuccess: () => {
      toast(t('composer.schedule.done', { when: format.full(at!.toISOString()) }))
      void queryClient.invalidateQueries({ queryKey: ['scheduled', conversation.id] })
      onScheduled()
    },
  })
  const submit = () => {
    if (!wrong && (words.trim() !== '' || files.length > 0 || more || planned?.media || (planned && !hasWords))) save.mutate()
  }
  return (
    <FormDialog
      width="sm"
      title={planned ? t('composer.schedule.change') : t('composer.schedule')}
      submit={planned ? t('action.save') : t('composer.schedule.confirm')}
      error={save.error}
      fields={['scheduledFor']}
      busy={save.isPending}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className="flex flex-wrap gap-1.5" role="group" aria-label={t('composer.schedule.quick')}>
        {quick.map(({ id, wall: chosen }) => (
          <Button key={id} size="sm" aria-pressed={chosen.date === wall.date && chosen.time === wall.time} onClick={() => setWall(chosen)} className="aria-pressed:border-field-line aria-pressed:bg-selected">
            {t(`composer.schedule.quick.${id}`)}
          </Button>
        ))}
      </div>
      <div className="grid grid-cols-2 gap-3">
        <Field label={t('composer.schedule.date')} error={wrong ?? fieldWords(save.error, 'scheduledFor')}>
          {(control) => <Input {...control} type="date" min={wallAt(now, zone).date} value={wall.date} onChange={(event) => setWall({ ...wall, date: event.target.value })} required />}
        </Field>
        <Field label={t('composer.schedule.time')}>
          {(control) => <Input {...control} type="time" value={wall.time} onChange={(event) => setWall({ ...wall, time: event.target.value })} required />}
        </Field>
      </div>
      <p className="text-xs text-text-3">
        {t('composer.schedule.zone', { zone: zoneWords(zone, at ?? now, i18n.locale) })}
        {at && !wrong && <> · {format.relative(at.toISOString())}</>}
      </p>
      {closes && <Notice tone="warn" role="status">{t('composer.schedule.windowClosed')}</Notice>}
      {hasWords ? (
        <Field label={t('composer.schedule.words')}>
          {(control) => <TextArea {...control} value={words} onChange={(event) => setWords(event.target.value)} />}
        </Field>
      ) : (
        <p className="truncate-2 rounded-md border-l-2 border-lamp bg-sunken px-2.5 py-1.5 text-sm text-text-2">
          {files.length > 0 && <span className="font-medium">{t('composer.schedule.files', { count: files.length })} </span>}
          {more && more.type !== 'TEMPLATE' && <span className="font-medium">{typeWords(more.type)} </span>}
          {planned ? previewWords(planned.type, planned.content, planned.media?.isVoice) : more ? content || nameOf(more) : content}
        </p>
      )}
    </FormDialog>
  )
}
