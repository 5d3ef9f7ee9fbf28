import { lazy, Suspense, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode, type Ref } from 'react'
import { cache } from '@/api/cache'
import type { Conversation, Template } from '@/api/types'
import { useT } from '@/app/i18n'
import { usePreferences } from '@/app/preferences'
import { can } from '@/app/session'
import { cx } from '@/lib/cx'
import { Button, IconButton } from '@/ui/button'
import { ClockIcon, CloseIcon, LockIcon, MicIcon, NoteIcon, PencilIcon, ReplyIcon, SendIcon, SmileIcon } from '@/ui/icons'
import { useAbilities } from './composer/abilities'
import { AttachMenu } from './composer/AttachMenu'
import { Closed, kindsAt, useClock, whyClosed, WindowLeft } from './composer/Closed'
import type { More } from './composer/contract'
import { DropZone } from './composer/DropZone'
import { kindOf, problemOf, takesCaption } from './composer/files'
import { MarkButtons, markOf, putMark } from './composer/MarkButtons'
import { saveEdit } from './composer/save-edit'
import { Scheduled } from './composer/Scheduled'
import { answerAsks, attach, detach, quotedOf, startReply, stopEdit, stopReply, useWork, type Work } from './composer/state'
import { askedTool, type Tool } from './composer/tools'
import { isTyping, stopTyping } from './composer/typing'
import { useDropping } from './composer/useDropping'
import { keepDraft, readDraft, type DraftKind } from './drafts'
import { send } from './outbox'
import { previewWords } from './words'

const Tray = lazy(() => import('./composer/Tray'))
const ToolBox = lazy(() => import('./composer/ToolBox'))
const VoiceBar = lazy(() => import('./composer/VoiceBar'))
const TemplateList = lazy(() => import('./composer/TemplateList'))

export interface ComposerHandle {
  focus: (kind: DraftKind) => void
  insert: (text: string) => void
  replyTo: (messageId: string) => void
}

/** The tools stay so long after the composer was left. */
const LEFT_MS = 250
/** So many characters before the longest text the rest is counted. */
const COUNTED_FROM = 300

/** Where one writes: an answer to the customer, or a note that only colleagues see. */
export function Composer({ ref, conversation }: { ref: Ref<ComposerHandle>; conversation: Conversation }) {
  const t = useT()
  const { sendWith } = usePreferences()
  const { id } = conversation
  const [kind, setKind] = useState<DraftKind>('reply')
  const [texts, setTexts] = useState(() => ({ reply: readDraft(id, 'reply'), note: readDraft(id, 'note') }))
  const [edited, setEdited] = useState('')
  const [tool, setTool] = useState<Tool | null>(null)
  // Chosen below a closed window, before its dialog came.
  const [template, setTemplate] = useState<Template>()
  // Shown by the words' focus alone, and hidden late: what moves under a press loses it.
  const [near, setNear] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const area = useRef<HTMLTextAreaElement>(null)
  const work = useWork(id)
  const abilities = useAbilities(conversation.channelId)
  const now = useClock(conversation.sendWindow?.until)
  const closed = kind === 'reply' ? whyClosed(conversation, now) : null
  const note = kind === 'note'
  const editing = work.editing !== undefined && !note
  const files = note || editing ? NO_FILES : work.files
  const text = editing ? edited : texts[kind]
  // The words below one file are its caption; below several each has its own.
  const asCaption = files.length === 1 && takesCaption(kindOf(files[0]!.file, files[0]!.asDocument))
  const longest = asCaption ? abilities.limits.caption : abilities.limits.text
  const faulty = files.some((one) => problemOf(one.file, one.asDocument, abilities) !== null || one.caption.length > abilities.limits.caption)
  const ready = (text.trim() !== '' || files.length > 0) && text.length <= longest && !faulty && !closed

  const write = (next: string, into: DraftKind = kind) => {
    if (editing && into === 'reply') return setEdited(next)
    setTexts((current) => ({ ...current, [into]: next }))
    keepDraft(id, into, next)
    if (into === 'reply' && next !== '') isTyping(id)
    else stopTyping()
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
  useImperativeHandle(ref, () => ({ focus, insert, replyTo: (message) => startReply({ id: message, conversationId: id }) }))
  useEffect(() =>
    answerAsks(id, (ask) => {
      if ('edit' in ask) setEdited(ask.edit)
      if ('insert' in ask) insert(ask.insert)
      else focus('focus' in ask ? ask.focus : 'reply')
    }),
  )
  useEffect(() => askedTool.subscribe(() => {
    const asked = askedTool.get()
    if (asked === null) return
    askedTool.set(null)
    setKind('reply')
    if (asked !== 'files') setTool(asked)
    else requestAnimationFrame(() => root.current?.querySelector<HTMLInputElement>('input[type=file]:not([accept])')?.click())
  }), [])
  useEffect(() => stopTyping, [])

  const takeFiles = useCallback((taken: Iterable<File>) => {
    setKind('reply')
    attach(id, taken)
    requestAnimationFrame(() => area.current?.focus())
  }, [id])
  const dropAt = useDropping(root, whyClosed(conversation, now) === null && can('conversation.reply'), takeFiles)
  const onPaste = (event: ClipboardEvent) => {
    // A table copied from a sheet brings its picture along; its words are meant.
    if (note || editing || event.clipboardData.files.length === 0 || event.clipboardData.types.includes('text/plain')) return
    event.preventDefault()
    takeFiles([...event.clipboardData.files])
  }

  useLayoutEffect(() => {
    const element = area.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${Math.min(element.scrollHeight, 240)}px`
  }, [text, kind, closed, tool, editing])

  const done = () => {
    if (kind === 'reply') stopReply(id)
    stopTyping()
    area.current?.focus()
  }
  const submit = () => {
    if (!ready) return
    if (editing) return void saveEdit(id, work.editing!, edited.trim())
    const content = text.trim()
    const replyTo = kind === 'reply' ? work.replyTo : undefined
    files.forEach((one, index) => {
      const caption = asCaption ? content : one.caption.trim()
      send({ conversationId: id, content: takesCaption(kindOf(one.file, one.asDocument)) ? caption : '', isPrivate: false, replyTo: index === 0 ? replyTo : undefined, file: { file: one.file, asDocument: one.asDocument || undefined } })
    })
    if (content !== '' && !asCaption) send({ conversationId: id, content, isPrivate: note, replyTo: files.length === 0 ? replyTo : undefined })
    detach(id)
    write('')
    done()
  }
  const onPlanned = () => {
    setTool(null)
    setTemplate(undefined)
    done()
  }
  const sendMore = (more: More, content = '') => {
    send({ conversationId: id, content, isPrivate: false, replyTo: work.replyTo, more })
    onPlanned()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      if (editing) stopEdit(id)
      else if (work.replyTo) stopReply(id)
      else area.current?.blur()
      return
    }
    const mark = markOf(event)
    if (mark && area.current) {
      event.preventDefault()
      putMark(area.current, mark)
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
  const templateFits = closed === 'window' && abilities.has('TEMPLATE') && (kindsAt(conversation.sendWindow, now) ?? []).includes('template')
  const recording = tool === 'voice' && !note && !closed
  const offersVoice = abilities.has('VOICE') && !note && !editing && files.length === 0
  const sendWord = note ? t('composer.addNote') : editing ? t('composer.saveEdit') : t('composer.send')
  return (
    <div
      ref={root}
      onBlur={() => setTimeout(() => !root.current?.contains(document.activeElement) && setNear(false), LEFT_MS)}
      className="shrink-0 px-3 pb-3 max-sm:px-2 max-sm:pb-[max(0.5rem,env(safe-area-inset-bottom))] sm:px-6 sm:pb-4"
    >
      {dropAt && <DropZone at={dropAt} />}
      <Scheduled conversation={conversation} />
      <div className={cx('mx-auto max-w-[49rem] rounded-xl border shadow-xs transition-colors focus-within:shadow-md', note ? 'border-note-line bg-note' : 'border-line-strong bg-surface focus-within:border-field-line dark:bg-raised')}>
        <div className="flex items-center gap-1 px-2 pt-1.5">
          <KindButton active={!note} onClick={() => setKind('reply')} icon={<ReplyIcon size={14} />} label={t('composer.reply')} />
          <KindButton active={note} onClick={() => setKind('note')} icon={<NoteIcon size={14} />} label={t('composer.note')} />
          <span className="flex-1" />
          {!note && !closed && <WindowLeft window={conversation.sendWindow} now={now} />}
        </div>
        {!note && !closed && <Quoted work={work} onDrop={() => (editing ? stopEdit(id) : stopReply(id))} />}
        {closed ? (
          <>
            <Closed conversation={conversation} why={closed} onTemplate={templateFits ? () => setTool('template') : undefined} />
            {templateFits && <Suspense><TemplateList channelId={conversation.channelId} onPick={(one) => { setTemplate(one); setTool('template') }} brief /></Suspense>}
          </>
        ) : recording ? (
          <Suspense fallback={<div className="h-14" />}>
            <VoiceBar
              onClose={() => {
                setTool(null)
                focusSoon()
              }}
              onSend={(file, durationMs) => {
                send({ conversationId: id, content: '', isPrivate: false, replyTo: work.replyTo, file: { file, isVoice: true, durationMs } })
                setTool(null)
                stopReply(id)
                focusSoon()
              }}
            />
          </Suspense>
        ) : (
          <>
            {files.length > 0 && <Suspense fallback={<div className="h-18" />}><Tray conversationId={id} files={files} abilities={abilities} /></Suspense>}
            {/* On a phone the button stands beside the words, as thumbs know it. */}
            <div className="max-sm:flex max-sm:flex-wrap max-sm:items-end">
              {!note && !editing && <span className="sm:hidden"><AttachMenu abilities={abilities} onFiles={takeFiles} onTool={setTool} /></span>}
              <textarea
                ref={area}
                rows={1}
                value={text}
                onChange={(event) => write(event.target.value)}
                onKeyDown={onKeyDown}
                onPaste={onPaste}
                onFocus={() => setNear(true)}
                onBlur={stopTyping}
                aria-label={note ? t('composer.noteLabel') : editing ? t('composer.editLabel') : t('composer.replyLabel')}
                placeholder={note ? t('composer.notePlaceholder') : asCaption ? t('composer.captionPlaceholder') : t('composer.replyPlaceholder')}
                className={cx('block w-full resize-none bg-transparent px-3.5 py-2 text-base outline-none max-sm:min-h-11 max-sm:w-auto max-sm:min-w-0 max-sm:flex-1 max-sm:py-2.5 max-sm:text-lg', note || editing ? 'max-sm:pr-2' : 'max-sm:px-1', note && 'text-note-text placeholder:text-note-text/80')}
              />
              <div className="flex items-center gap-0.5 px-2 pb-2 max-sm:contents">
                {/* Under the thumb while one writes; out of the way else. */}
                <div className={cx('flex items-center gap-0.5 max-sm:order-2 max-sm:w-full max-sm:border-t max-sm:border-line max-sm:px-1', text === '' && !near && 'max-sm:hidden')}>
                  {!note && !editing && <span className="max-sm:hidden"><AttachMenu abilities={abilities} onFiles={takeFiles} onTool={setTool} /></span>}
                  <Quiet label={t('composer.emoji')} onClick={() => setTool(tool === 'emoji' ? null : 'emoji')} pressed={tool === 'emoji'}><SmileIcon size={17} /></Quiet>
                  <MarkButtons area={area} />
                  {!note && !editing && <Quiet label={t('composer.schedule')} disabled={!ready} onClick={() => setTool('schedule')} className="sm:hidden"><ClockIcon size={19} /></Quiet>}
                </div>
                <span className={cx('min-w-0 flex-1 truncate px-1.5 text-right text-2xs text-text-3', text.length <= longest - COUNTED_FROM ? 'max-sm:hidden' : 'max-sm:order-3 max-sm:w-full max-sm:flex-none max-sm:pb-1')}>
                  {text.length > longest - COUNTED_FROM ? (
                    <span className={text.length > longest ? 'font-semibold text-bad' : undefined}>{t('composer.left', { count: longest - text.length })}</span>
                  ) : note ? (
                    <span className="inline-flex items-center gap-1 text-note-text"><LockIcon size={11} />{t('composer.noteHint')}</span>
                  ) : (
                    <span className="max-lg:hidden">{sendWith === 'enter' ? t('composer.hintEnter') : t('composer.hintCtrl')}</span>
                  )}
                </span>
                {!note && !editing && <Quiet label={t('composer.schedule')} disabled={!ready} onClick={() => setTool('schedule')} className="max-sm:hidden"><ClockIcon size={17} /></Quiet>}
                {offersVoice && <Quiet label={t('composer.voice')} onClick={() => setTool('voice')} className={cx('max-sm:order-1', text !== '' && 'max-sm:hidden')}><MicIcon size={18} /></Quiet>}
                <Button kind="primary" size="sm" icon={<SendIcon size={15} />} disabled={!ready} onClick={submit} aria-label={sendWord} className={cx('max-sm:order-1 max-sm:w-11 max-sm:rounded-full max-sm:px-0 sm:ml-1', offersVoice && text === '' && 'max-sm:hidden')}>
                  <span className="max-sm:hidden">{sendWord}</span>
                </Button>
              </div>
            </div>
          </>
        )}
      </div>
      {tool && tool !== 'voice' && (
        <Suspense>
          <ToolBox
            tool={tool}
            conversation={conversation}
            abilities={abilities}
            area={area}
            content={text.trim()}
            files={files}
            replyTo={work.replyTo}
            template={template}
            onSend={sendMore}
            onPlanned={onPlanned}
            onScheduled={() => {
              detach(id)
              write('')
              setTool(null)
              done()
            }}
            onClose={() => {
              setTool(null)
              setTemplate(undefined)
              focusSoon()
            }}
          />
        </Suspense>
      )}
    </div>
  )
}

const NO_FILES: Work['files'] = []

/** A button beside the words that does not take the caret away from them. */
function Quiet({ label, onClick, children, disabled, pressed, className }: { label: string; onClick: () => void; children: ReactNode; disabled?: boolean; pressed?: boolean; className?: string }) {
  return (
    <IconButton size={28} label={label} disabled={disabled} aria-pressed={pressed} onPointerDown={(event) => event.preventDefault()} onClick={onClick} className={className}>
      {children}
    </IconButton>
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

/** The message that is answered or changed. */
function Quoted({ work, onDrop }: { work: Work; onDrop: () => void }) {
  const t = useT()
  if (!work.replyTo && !work.editing) return null
  const message = quotedOf(work) ?? cache.get('message', work.replyTo)
  return (
    <div className="mx-3 mt-1 flex items-center gap-2 rounded-md border-l-2 border-lamp bg-sunken py-1 pr-1 pl-2.5 text-xs text-text-2">
      {work.editing && <PencilIcon size={14} className="shrink-0" />}
      <span className="min-w-0 flex-1 truncate">
        {work.editing && <span className="font-semibold">{t('composer.editing')} </span>}
        {message ? previewWords(message.type, message.content) : t('thread.quoteOlder')}
      </span>
      <IconButton size={28} label={work.editing ? t('composer.dropEdit') : t('composer.dropReply')} onClick={onDrop}><CloseIcon size={13} /></IconButton>
    </div>
  )
}
