import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { search } from '@/api/calls'
import { cx } from '@/lib/cx'
import { fold } from '@/lib/fold'
import { useDebounced } from '@/lib/debounce'
import { phoneWords } from '@/lib/phone'
import { Avatar } from '@/ui/avatar'
import { Dialog } from '@/ui/dialog'
import { BoltIcon, SearchIcon } from '@/ui/icons'
import { Kbd } from '@/ui/text'
import { useCommandContext } from './command-context'
import { available, keysFirst, shortcutWords, type Command } from './commands'
import { useT } from './i18n'
import { go } from './go'

interface Entry {
  id: string
  words: string
  aside?: string
  icon: ReactNode
  shortcut?: string
  perform: () => void
}

/** Ctrl/Cmd+K: every command by name, and people and conversations by what one remembers of them. */
export function Palette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useT()
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('command.palette')} closeLabel={t('action.close')} width="lg" high bare>
      <PaletteBody close={() => onOpenChange(false)} />
    </Dialog>
  )
}

/** What is in front of one comes first. */
const GROUPS: readonly Command['group'][] = ['conversation', 'go', 'list', 'app']

function PaletteBody({ close }: { close: () => void }) {
  const t = useT()
  const context = useCommandContext()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const listRef = useRef<HTMLDivElement>(null)
  const id = useId()
  const deferred = useDeferredValue(text)
  const asked = useDebounced(text.trim(), 160)

  const commands = useMemo<Entry[]>(() => {
    const wanted = fold(deferred).split(/\s+/).filter(Boolean)
    return keysFirst(available(context))
      .filter((command) => command.id !== 'app.palette')
      .sort((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group))
      .map((command) => ({
        id: command.id,
        words: t(command.label),
        icon: <BoltIcon size={16} />,
        shortcut: shortcutWords(command.shortcut),
        perform: () => command.perform(context),
      }))
      .filter((entry) => wanted.every((word) => fold(entry.words).includes(word)))
  }, [deferred, context, t])

  const found = useQuery({ queryKey: ['search', asked], queryFn: ({ signal }) => search(asked, signal), enabled: asked.length >= 2, staleTime: 10_000 }).data
  const records = useMemo<Entry[]>(() => {
    if (!found || asked.length < 2) return []
    return found.conversations.slice(0, 8).map((conversation) => ({
      id: conversation.id,
      words: phoneWords(conversation.contact.name || conversation.customerPhone || `#${conversation.number}`),
      aside: `#${conversation.number}`,
      icon: <Avatar name={conversation.contact.name} id={conversation.contact.id} src={conversation.contact.avatarUrl} size="xs" />,
      perform: () => go(`/inbox/all/${conversation.id}`),
    }))
  }, [found, asked])

  const searchAll: Entry[] = text.trim().length >= 2 ? [{ id: 'search', words: t('palette.searchFor', { text: text.trim() }), icon: <SearchIcon size={16} />, perform: () => go(`/search?q=${encodeURIComponent(text.trim())}`) }] : []
  const entries = [...commands, ...records, ...searchAll]
  const at = Math.min(chosen, entries.length - 1)

  const run = (entry: Entry | undefined) => {
    if (!entry) return
    close()
    // The dialog gives the focus back first, so that a command that moves it has the last word.
    setTimeout(entry.perform, 0)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && entries.length > 0) {
      event.preventDefault()
      const next = (at + step + entries.length) % entries.length
      setChosen(next)
      listRef.current?.children[next]?.scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(entries[at])
    }
  }

  return (
    <>
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <SearchIcon size={18} className="text-text-3" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={entries[at] ? `${id}-${at}` : undefined}
          aria-label={t('palette.placeholder')}
          placeholder={t('palette.placeholder')}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setChosen(0)
          }}
          onKeyDown={onKeyDown}
          className="h-12 min-w-0 flex-1 bg-transparent text-lg outline-none"
        />
        <Kbd>Esc</Kbd>
      </div>
      <div ref={listRef} id={`${id}-list`} role="listbox" aria-label={t('command.palette')} className="max-h-[22rem] overflow-y-auto p-1.5">
        {entries.map((entry, index) => (
          <div
            key={entry.id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onPointerMove={() => setChosen(index)}
            onClick={() => run(entry)}
            onKeyDown={onKeyDown}
            className={cx('flex h-9 items-center gap-3 rounded-md px-2.5 text-base', index === at && 'bg-hover')}
          >
            <span className="inline-flex w-5 justify-center text-text-3">{entry.icon}</span>
            <span className="min-w-0 flex-1 truncate">{entry.words}</span>
            {entry.aside && <span className="tabular text-xs text-text-3">{entry.aside}</span>}
            {entry.shortcut && <span className="flex gap-1">{entry.shortcut.split(' ').map((key) => <Kbd key={key}>{key}</Kbd>)}</span>}
          </div>
        ))}
        {entries.length === 0 && <p className="px-2.5 py-6 text-center text-sm text-text-3">{t('palette.nothing')}</p>}
      </div>
    </>
  )
}
