import { useRef, type MouseEvent, type PointerEvent } from 'react'
import { showOver } from './over'

/** A thumb that rests so long means the message, not what lies under it. */
const LONG_MS = 450
const STILL_PX = 10

/** A long touch opens the message's sheet, as thumbs know it. */
export function useLongPress(messageId: string) {
  const held = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | null>(null)
  const long = useRef(false)
  const stop = () => {
    clearTimeout(held.current?.timer)
    held.current = null
  }
  return {
    /** Did the press that ends now open the sheet? Then it is no tap. */
    wasLong: () => long.current,
    handlers: {
      onPointerDown(event: PointerEvent<HTMLElement>) {
        long.current = false
        if (event.pointerType === 'mouse' || !event.isPrimary || (event.target as Element).closest('input, video')) return
        const element = event.currentTarget
        // Of an album the picture under the finger.
        const of = (event.target as Element).closest<HTMLElement>('[data-of]')?.dataset.of
        const open = () => {
          held.current = null
          long.current = true
          navigator.vibrate?.(10)
          showOver({ kind: 'sheet', messageId: of ?? messageId, anchor: element })
        }
        held.current = { timer: setTimeout(open, LONG_MS), x: event.clientX, y: event.clientY }
      },
      onPointerMove(event: PointerEvent) {
        if (held.current && Math.hypot(event.clientX - held.current.x, event.clientY - held.current.y) > STILL_PX) stop()
      },
      onPointerUp: stop,
      onPointerCancel: stop,
      onClickCapture(event: MouseEvent) {
        if (!long.current) return
        // The finger that opened the sheet presses nothing below it.
        event.preventDefault()
        event.stopPropagation()
      },
      onContextMenu(event: MouseEvent) {
        if (held.current || long.current) event.preventDefault()
      },
    },
  }
}
