import { Popover } from '@base-ui/react/popover'
import { useRef, type KeyboardEvent } from 'react'
import { useT } from '@/app/i18n'
import { EMOJI, EMOJI_GROUPS } from './emoji-list'

/** Emoji by what they are about; arrow keys walk over them. */
export function EmojiPicker({ anchor, onPick, onClose }: { anchor?: HTMLElement; onPick: (emoji: string) => void; onClose: () => void }) {
  const t = useT()
  const grid = useRef<HTMLDivElement>(null)
  const walk = (event: KeyboardEvent) => {
    const buttons = [...(grid.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])]
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    const first = buttons[0]
    if (at < 0 || !first) return
    const across = Math.max(1, Math.floor(grid.current!.clientWidth / first.offsetWidth))
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: buttons.length - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    buttons[Math.max(0, Math.min(buttons.length - 1, next))]?.focus()
  }
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Portal>
        <Popover.Positioner anchor={anchor ?? (() => document.body)} sideOffset={6} className="z-50">
          <Popover.Popup initialFocus={() => grid.current?.querySelector('button') ?? null} finalFocus={() => anchor ?? null} className="overlay w-[21.5rem] max-w-[calc(100vw-1.5rem)] rounded-lg border border-line bg-raised shadow-lg outline-none">
            <Popover.Title className="sr-only">{t('emoji.title')}</Popover.Title>
            {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- only moves the focus between its buttons */}
            <div ref={grid} onKeyDown={walk} className="max-h-72 overflow-y-auto p-2">
              {EMOJI_GROUPS.map((group) => (
                <div key={group} role="group" aria-label={t(`emoji.${group}`)}>
                  <p aria-hidden="true" className="px-1 pt-1.5 pb-0.5 text-2xs font-semibold text-text-3">{t(`emoji.${group}`)}</p>
                  <div className="flex flex-wrap">
                    {EMOJI[group].split(' ').map((emoji) => (
                      <button
                        key={emoji}
                        type="button"
                        onClick={() => {
                          onClose()
                          onPick(emoji)
                        }}
                        className="grid size-9 place-items-center rounded-md text-xl leading-none hover:bg-hover focus-visible:bg-hover max-sm:size-11"
                      >
                        {emoji}
                      </button>
                    ))}
                  </div>
                </div>
              ))}
            </div>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
