import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from 'react'
import { cache } from '@/api/cache'
import type { Conversation, SendWindow } from '@/api/types'
import { useFormat } from '@/app/format'
import { known, useT } from '@/app/i18n'
import { usePreferences } from '@/app/preferences'
import { can } from '@/app/session'
import { setBlocked } from '@/features/contacts/block'
import { cx } from '@/lib/cx'
import { Button, IconButton } from '@/ui/button'
import { BlockIcon, ClockIcon, CloseIcon, LockIcon, NoteIcon, ReplyIcon, SendIcon } from '@/ui/icons'
import { reopen } from './actions'
import { keepDraft, readDraft, type DraftKind } from './drafts'
import { answerAsks, startReply, stopReply, useWork } from './composer/state'
import { send } from './outbox'
import { customerName, previewWords } from './words'

export interface ComposerHandle {
  focus: (kind: DraftKind) => void
  insert: (text: string) => void
  replyTo: (messageId: string) => void
}

/** WhatsApp's longest text. */
const TEXT_MAX = 4096
/** Near the end of the send window the time left is shown. */
const WARN_MS = 2 * 3_600_000

/** Where one writes: an answer to the customer, or a note that only colleagues see. */
export function Composer({ ref, conversation }: { ref: Ref<ComposerHandle>; conversation: Conversation }) {
  const t = useT()
  const { sendWith } = usePreferences()
  const [kind, setKind] = useState<DraftKind>('reply')
  const [texts, setTexts] = useState(() => ({ reply: readDraft(conversation.id, 'reply'), note: readDraft(conversation.id, 'note') }))
  const { replyTo } = useWork(conversation.id)
  const area = useRef<HTMLTextAreaElement>(null)
  const now = useClock(conversation.sendWindow?.until)
  const closed = kind === 'reply' ? whyClosed(conversation, now) : null
  const text = texts[kind]

  const write = (next: string, into: DraftKind = kind) => {
    setTexts((current) => ({ ...current, [into]: next }))
    keepDraft(conversation.id, into, next)
  }
  // The area may be hidden until the kind changed; the frame after, it is there.
  const focusSoon = () => requestAnimationFrame(() => area.current?.focus())
  const focus = (next: DraftKind) => {
    setKind(next)
    focusSoon()
  }
  const insert = (words: string) => {
    const current = texts.reply.trim()
    write(current === '' ? words : `${texts.reply}\n${words}`, 'reply')
    focus('reply')
  }
  useImperativeHandle(ref, () => ({ focus, insert, replyTo: (id) => startReply({ id, conversationId: conversation.id }) }))
  useEffect(() =>
    answerAsks(conversation.id, (ask) => {
      if ('focus' in ask) focus(ask.focus)
      else if ('insert' in ask) insert(ask.insert)
    }),
  )

  useLayoutEffect(() => {
    const element = area.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${Math.min(element.scrollHeight, 240)}px`
  }, [text, kind, closed])

  const submit = () => {
    const content = text.trim()
    if (content === '' || closed || content.length > TEXT_MAX) return
    send({ conversationId: conversation.id, content, isPrivate: kind === 'note', replyTo: kind === 'reply' ? replyTo : undefined })
    write('')
    if (kind === 'reply') stopReply(conversation.id)
    area.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      if (replyTo) stopReply(conversation.id)
      else area.current?.blur()
      return
    }
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
    const ctrl = event.ctrlKey || event.metaKey
    // On a screen keyboard Enter is a new line, and the button is at the thumb.
    if (ctrl || (sendWith === 'enter' && !event.shiftKey && !matchMedia('(pointer: coarse)').matches)) {
      event.preventDefault()
      submit()
    }
  }

  if (!can('conversation.reply')) return <p className="border-t border-line bg-surface px-4 py-3 text-center text-sm text-text-3">{t('composer.readOnly')}</p>
  const note = kind === 'note'
  return (
    <div className="shrink-0 px-3 pb-3 max-sm:px-2 max-sm:pb-2 sm:px-6 sm:pb-4">
      <div className={cx('mx-auto max-w-[49rem] rounded-xl border shadow-xs transition-colors focus-within:shadow-md', note ? 'border-note-line bg-note' : 'border-line-strong bg-surface focus-within:border-field-line dark:bg-raised')}>
        <div className="flex items-center gap-1 px-2 pt-1.5">
          <KindButton active={!note} onClick={() => setKind('reply')} icon={<ReplyIcon size={14} />} label={t('composer.reply')} />
          <KindButton active={note} onClick={() => setKind('note')} icon={<NoteIcon size={14} />} label={t('composer.note')} />
          <span className="flex-1" />
          {!note && !closed && <WindowLeft window={conversation.sendWindow} now={now} />}
        </div>
        {replyTo && !note && <Replying id={replyTo} onDrop={() => stopReply(conversation.id)} />}
        {closed ? (
          <Closed conversation={conversation} why={closed} />
        ) : (
          // On a phone the button stands beside the words, as thumbs know it.
          <div className="max-sm:flex max-sm:items-end">
            <textarea
              ref={area}
              rows={1}
              value={text}
              onChange={(event) => write(event.target.value)}
              onKeyDown={onKeyDown}
              aria-label={note ? t('composer.noteLabel') : t('composer.replyLabel')}
              placeholder={note ? t('composer.notePlaceholder') : t('composer.replyPlaceholder')}
              className={cx('block w-full resize-none bg-transparent px-3.5 py-2 text-base outline-none max-sm:min-h-11 max-sm:min-w-0 max-sm:flex-1 max-sm:py-2.5 max-sm:pr-2 max-sm:text-lg', note && 'text-note-text placeholder:text-note-text/80')}
            />
            <div className="flex items-center justify-between gap-2 px-2 pb-2 pl-3.5 max-sm:shrink-0 max-sm:p-1 max-sm:pl-0">
              <span className={cx('truncate text-2xs text-text-3', text.length <= TEXT_MAX - 300 && 'max-sm:hidden')}>
                {text.length > TEXT_MAX - 300 ? (
                  <span className={text.length > TEXT_MAX ? 'font-semibold text-bad' : undefined}>{t('composer.left', { count: TEXT_MAX - text.length })}</span>
                ) : note ? (
                  <span className="flex items-center gap-1 text-note-text"><LockIcon size={11} />{t('composer.noteHint')}</span>
                ) : (
                  sendWith === 'enter' ? t('composer.hintEnter') : t('composer.hintCtrl')
                )}
              </span>
              <Button kind="primary" size="sm" icon={<SendIcon size={15} />} disabled={text.trim() === '' || text.length > TEXT_MAX} onClick={submit} aria-label={note ? t('composer.addNote') : t('composer.send')} className="max-sm:w-11 max-sm:rounded-full max-sm:px-0">
                <span className="max-sm:hidden">{note ? t('composer.addNote') : t('composer.send')}</span>
              </Button>
            </div>
          </div>
        )}
      </div>
    </div>
  )
}

function KindButton({ active, onClick, icon, label }: { active: boolean; onClick: () => void; icon: ReactNode; label: string }) {
  return (
    <button type="button" aria-pressed={active} onClick={onClick} className={cx('touch inline-flex h-6.5 items-center gap-1.5 rounded-md px-2 text-xs transition-colors max-sm:h-8 max-sm:text-sm', active ? 'font-semibold text-text' : 'text-text-3 hover:text-text')}>
      {icon}
      {label}
    </button>
  )
}

function Replying({ id, onDrop }: { id: string; onDrop: () => void }) {
  const t = useT()
  const message = cache.get('message', id)
  return (
    <div className="mx-3 mt-1 flex items-center gap-2 rounded-md border-l-2 border-lamp bg-sunken py-1 pr-1 pl-2.5 text-xs text-text-2">
      <span className="min-w-0 flex-1 truncate">{message ? previewWords(message.type, message.content) : t('thread.quoteOlder')}</span>
      <IconButton size={28} label={t('composer.dropReply')} onClick={onDrop}><CloseIcon size={13} /></IconButton>
    </div>
  )
}

type Why = 'resolved' | 'archived' | 'blocked' | 'window'

function whyClosed(conversation: Conversation, now: number): Why | null {
  if (conversation.status === 'RESOLVED') return 'resolved'
  if (conversation.status === 'ARCHIVED') return 'archived'
  if (conversation.contact?.isBlocked) return 'blocked'
  const window = conversation.sendWindow
  if (!window) return null
  const over = !!window.until && Date.parse(window.until) <= now
  return (over ? window.kindsAfter : window.kinds).includes('text') ? null : 'window'
}

/** Says why no message can go out now, and what helps. */
function Closed({ conversation, why }: { conversation: Conversation; why: Why }) {
  const t = useT()
  const format = useFormat()
  const { reason, until } = conversation.sendWindow ?? {}
  const own = `window.${reason}`
  return (
    <div className="flex items-start gap-3 px-3.5 pt-2 pb-3.5 text-sm text-text-2">
      {why === 'blocked' ? <BlockIcon size={18} className="mt-0.5 shrink-0 text-text-3" /> : <ClockIcon size={18} className="mt-0.5 shrink-0 text-text-3" />}
      <div className="min-w-0 flex-1">
        <p className="font-medium text-text">{why === 'window' ? (known(own) ? t(own) : t('window.closed')) : t(`window.${why}`)}</p>
        {why === 'blocked' && <p className="text-text-3">{t('window.blockedHint')}</p>}
        {why === 'window' && <p className="text-text-3">{until ? t('window.closedSince', { when: format.full(until) }) : t('window.closedHint')}</p>}
      </div>
      {why === 'blocked' && can('contact.write') && <Button size="sm" onClick={() => void setBlocked({ id: conversation.contact.id, name: customerName(conversation) }, false)}>{t('contact.unblock')}</Button>}
      {why === 'resolved' && can('conversation.resolve') && <Button size="sm" onClick={() => void reopen(conversation.id)}>{t('command.reopen')}</Button>}
    </div>
  )
}

/** Counts down the last hours in which an answer may go out. */
function WindowLeft({ window, now }: { window?: SendWindow | null; now: number }) {
  const t = useT()
  const format = useFormat()
  if (!window?.until) return null
  const left = Date.parse(window.until) - now
  if (left > WARN_MS) return null
  return (
    <span className="mr-1.5 flex items-center gap-1 text-2xs font-medium text-accent-text">
      <ClockIcon size={12} />
      {t('window.closes', { when: format.relative(window.until, now) })}
    </span>
  )
}

/** Now, ticking only while something counts down. */
function useClock(until: string | null | undefined): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!until || Date.parse(until) <= Date.now()) return
    const timer = setInterval(() => setNow(Date.now()), 15_000)
    return () => clearInterval(timer)
  }, [until])
  return now
}
