import { Tooltip as Base } from '@base-ui/react/tooltip'
import type { ReactElement } from 'react'
import { Kbd } from './text'

/** Wrap the app once, so that the second tooltip opens without delay. */
export const TooltipProvider = Base.Provider

export function Tooltip({ label, shortcut, children, side = 'bottom' }: { label: string; shortcut?: string; children: ReactElement; side?: 'bottom' | 'top' | 'right' | 'left' }) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner side={side} sideOffset={6} className="z-50">
          <Base.Popup className="overlay flex items-center gap-2 rounded-md bg-ink px-2 py-1 text-xs text-white shadow-md dark:bg-raised dark:text-text">
            {label}
            {shortcut && <Kbd onInk>{shortcut}</Kbd>}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
