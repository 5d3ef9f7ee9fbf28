import type { KeyboardEvent, ReactNode, RefObject } from 'react'
import { useT, type MessageId } from '@/app/i18n'
import { IconButton } from '@/ui/button'
import { BoldIcon, CodeIcon, ItalicIcon, StrikeIcon } from '@/ui/icons'
import { marked, type Mark } from './marks'

const BUTTONS: readonly { mark: Mark; label: MessageId; icon: ReactNode; keys: string }[] = [
  { mark: 'bold', label: 'composer.bold', icon: <BoldIcon size={16} />, keys: 'Ctrl B' },
  { mark: 'italic', label: 'composer.italic', icon: <ItalicIcon size={16} />, keys: 'Ctrl I' },
  { mark: 'strike', label: 'composer.strike', icon: <StrikeIcon size={16} />, keys: 'Ctrl Shift X' },
  { mark: 'mono', label: 'composer.mono', icon: <CodeIcon size={16} />, keys: 'Ctrl Shift M' },
]

/** The mark that a key press means, if any. */
export function markOf({ ctrlKey, metaKey, shiftKey, altKey, code }: KeyboardEvent): Mark | null {
  if (!(ctrlKey || metaKey) || altKey) return null
  if (!shiftKey) return code === 'KeyB' ? 'bold' : code === 'KeyI' ? 'italic' : null
  return code === 'KeyX' ? 'strike' : code === 'KeyM' ? 'mono' : null
}

/** Marks the selected words, so that undoing takes the mark back too. */
export function putMark(area: HTMLTextAreaElement, mark: Mark): void {
  const next = marked({ text: area.value, start: area.selectionStart, end: area.selectionEnd }, mark)
  putText(area, next.text, next.start, next.end)
}

/** Puts words in as if they were typed: React hears of it, and the browser can undo it. */
export function putText(area: HTMLTextAreaElement, text: string, start: number, end: number): void {
  area.focus()
  area.select()
  // Deprecated, and the one way that keeps what can be undone; where it is gone the words still come.
  if (!document.execCommand('insertText', false, text)) {
    area.setRangeText(text, 0, area.value.length)
    area.dispatchEvent(new Event('input', { bubbles: true }))
  }
  area.setSelectionRange(start, end)
}

export function MarkButtons({ area }: { area: RefObject<HTMLTextAreaElement | null> }) {
  const t = useT()
  return (
    <span role="group" aria-label={t('composer.marks')} className="flex">
      {BUTTONS.map(({ mark, label, icon, keys }) => (
        <IconButton key={mark} size={28} label={t(label)} shortcut={keys} onPointerDown={(event) => event.preventDefault()} onClick={() => area.current && putMark(area.current, mark)}>
          {icon}
        </IconButton>
      ))}
    </span>
  )
}
