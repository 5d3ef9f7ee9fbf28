import { useRef, type KeyboardEvent, type PointerEvent } from 'react'

interface Props {
  label: string
  /** Width of the pane in CSS pixels. */
  value: number
  min: number
  max: number
  /** The pane is at the right of the line. */
  reversed?: boolean
  onChange: (value: number) => void
}

const STEP = 16

/** The line between two panes: dragged, or moved by the arrow keys. */
export function Splitter({ label, value, min, max, reversed, onChange }: Props) {
  const drag = useRef<{ x: number; value: number } | null>(null)
  const set = (next: number) => onChange(Math.round(Math.max(min, Math.min(max, next))))
  const side = reversed ? -1 : 1
  const move = (event: PointerEvent) => {
    if (drag.current) set(drag.current.value + side * (event.clientX - drag.current.x))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (by === 0) return
    event.preventDefault()
    set(value + by * side * STEP)
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a focusable separator is a widget
    <div
      role="separator"
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- as above
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        drag.current = { x: event.clientX, value }
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={move}
      onPointerUp={() => (drag.current = null)}
      className="group relative z-10 -mx-[3px] w-[7px] shrink-0 cursor-col-resize touch-none"
    >
      <span className="absolute inset-y-0 left-[3px] w-px bg-line transition-colors group-hover:bg-accent-line group-focus-visible:w-[2px] group-focus-visible:bg-accent-text group-active:bg-accent-text" />
    </div>
  )
}
