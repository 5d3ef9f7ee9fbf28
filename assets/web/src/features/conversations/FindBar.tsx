import { useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import { errorWords } from '@/app/errors'
import { useT } from '@/app/i18n'
import { IconButton } from '@/ui/button'
import { Spinner } from '@/ui/feedback'
import { CloseIcon, DownIcon, SearchIcon } from '@/ui/icons'
import type { Find } from './find'

/** Words looked for in the open conversation, and the way from hit to hit. */
export function FindBar({ find, onClose }: { find: Find; onClose: () => void }) {
  const t = useT()
  const bar = useGivesFocusBack()
  const none = find.done && find.count === 0
  const words = find.error ? errorWords(find.error) : none ? t('find.nothing') : find.count > 0 ? t(find.more ? 'find.placeMore' : 'find.place', { at: find.at + 1, count: find.count }) : ''
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      onClose()
    } else if ((event.key === 'Enter' && !event.nativeEvent.isComposing) || event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault()
      find.step(event.key === 'ArrowDown' || event.shiftKey ? -1 : 1)
    }
  }
  return (
    <div ref={bar} role="search" aria-label={t('command.find')} className="flex h-11 shrink-0 items-center gap-2 border-b border-line bg-surface pr-2.5 pl-4 max-sm:h-12">
      {find.busy ? <span className="text-text-3"><Spinner size={16} /></span> : <SearchIcon size={16} className="shrink-0 text-text-3" />}
      <input type="search" autoFocus value={find.text} onChange={(event) => find.setText(event.target.value)} onKeyDown={onKeyDown} aria-label={t('command.find')} placeholder={t('command.find')} className="h-full min-w-0 flex-1 bg-transparent text-base outline-none max-sm:text-lg [&::-webkit-search-cancel-button]:hidden" />
      <span role="status" className={`tabular max-w-[50%] truncate text-xs ${none || find.error ? 'text-bad' : 'text-text-3'}`}>{words}</span>
      <span className="flex">
        <IconButton size={28} label={t('find.older')} shortcut="↵" disabled={find.count === 0} onClick={() => find.step(1)}><DownIcon size={16} className="rotate-180" /></IconButton>
        <IconButton size={28} label={t('find.newer')} shortcut="⇧ ↵" disabled={find.count === 0} onClick={() => find.step(-1)}><DownIcon size={16} /></IconButton>
        <IconButton size={28} label={t('action.close')} shortcut="Esc" onClick={onClose}><CloseIcon size={15} /></IconButton>
      </span>
    </div>
  )
}

/** Puts the caret back where it was before, when what held it is gone. */
function useGivesFocusBack() {
  const [before] = useState(() => document.activeElement)
  const bar = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = bar.current
    return () => {
      if (before instanceof HTMLElement && before.isConnected && element?.contains(document.activeElement)) before.focus()
    }
  }, [before])
  return bar
}
