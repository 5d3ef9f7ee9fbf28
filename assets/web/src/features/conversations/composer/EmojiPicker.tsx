import { Popover } from '@base-ui/react/popover'
import { useMemo, useRef, useState, type KeyboardEvent, type RefObject } from 'react'
import { useT } from '@/app/i18n'
import { fold } from '@/lib/fold'
import { PHONE, useMedia } from '@/lib/media'
import { Dialog } from '@/ui/dialog'
import { Input } from '@/ui/field'
import { EMOJI } from './emoji'
import { putText } from './MarkButtons'

const RECENT = 'farol.emoji'
const RECENT_MAX = 16
/** Some signs are letters of other fonts as well. */
const COLOURED = '"Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif'

const recent = (): string[] => {
  try {
    return JSON.parse(localStorage.getItem(RECENT) ?? '[]') as string[]
  } catch {
    return []
  }
}

/** A small set of signs to put among the words, found by what they are called in any of the four languages. */
export default function EmojiPicker({ area, onClose }: { area: RefObject<HTMLTextAreaElement | null>; onClose: () => void }) {
  const t = useT()
  const phone = useMedia(PHONE)
  // Where the caret stood before the search took it.
  const [caret] = useState(() => ({ start: area.current?.selectionStart ?? 0, end: area.current?.selectionEnd ?? 0 }))
  const pick = (sign: string) => {
    localStorage.setItem(RECENT, JSON.stringify([sign, ...recent().filter((one) => one !== sign)].slice(0, RECENT_MAX)))
    onClose()
    requestAnimationFrame(() => {
      const element = area.current
      if (!element) return
      const { value } = element
      const at = caret.start + sign.length
      putText(element, value.slice(0, caret.start) + sign + value.slice(caret.end), at, at)
    })
  }
  if (phone) {
    return (
      <Dialog open sheet onOpenChange={(open) => !open && onClose()} title={t('composer.emoji')} closeLabel={t('action.close')}>
        <Signs onPick={pick} />
      </Dialog>
    )
  }
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Portal>
        <Popover.Positioner anchor={area} side="top" align="start" sideOffset={8} className="z-50">
          <Popover.Popup aria-label={t('composer.emoji')} className="overlay w-88 rounded-lg border border-line bg-raised p-2.5 shadow-lg outline-none">
            <Signs onPick={pick} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}

export function Signs({ onPick }: { onPick: (sign: string) => void }) {
  const t = useT()
  const [q, setQ] = useState('')
  const grid = useRef<HTMLDivElement>(null)
  const words = fold(q.trim()).split(/\s+/).filter(Boolean)
  const shown = useMemo(() => {
    if (words.length > 0) return EMOJI.filter((one) => words.every((word) => fold(one.words).split(' ').some((own) => own.startsWith(word))))
    const last = recent()
    return [...last.flatMap((sign) => EMOJI.find((one) => one.sign === sign) ?? []), ...EMOJI.filter((one) => !last.includes(one.sign))]
    // oxlint-disable-next-line react/exhaustive-deps -- the words come from what was typed
  }, [q])
  const onKeyDown = (event: KeyboardEvent) => {
    const columns = grid.current ? getComputedStyle(grid.current).gridTemplateColumns.split(' ').length : 1
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key]
    if (!step) return
    const all = [...(grid.current?.querySelectorAll('button') ?? [])]
    const next = all[all.indexOf(document.activeElement as HTMLButtonElement) + step]
    if (!next) return
    event.preventDefault()
    next.focus()
  }
  return (
    <>
      <Input
        type="search"
        aria-label={t('composer.emoji.search')}
        placeholder={t('composer.emoji.search')}
        value={q}
        onChange={(event) => setQ(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.preventDefault()
          if (event.key === 'Enter' && shown[0]) onPick(shown[0].sign)
          else if (event.key === 'ArrowDown') grid.current?.querySelector('button')?.focus()
        }}
      />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the arrows lead from one of its buttons to the next */}
      <div ref={grid} role="group" aria-label={t('composer.emoji')} onKeyDown={onKeyDown} className="mt-2 grid max-h-64 grid-cols-8 gap-0.5 max-sm:grid-cols-7 overflow-y-auto">
        {shown.map(({ sign, words: called }) => (
          <button key={sign} type="button" aria-label={`${sign} ${called.split(' ')[0]}`} title={called.split(' ').slice(0, 4).join(', ')} onClick={() => onPick(sign)} className="flex aspect-square items-center justify-center rounded-md text-xl hover:bg-hover">
            <span style={{ fontFamily: COLOURED }}>{sign}</span>
          </button>
        ))}
      </div>
      {shown.length === 0 && <p role="status" className="py-4 text-center text-sm text-text-3">{t('composer.emoji.none')}</p>}
    </>
  )
}
