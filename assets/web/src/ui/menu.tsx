import { Menu as Base } from '@base-ui/react/menu'
import { useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react'
import { cx } from '@/lib/cx'
import { useQuietGuards } from './focus-guards'
import { Kbd } from './text'

const POPUP = 'overlay z-50 max-h-[min(26rem,var(--available-height))] min-w-48 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-lg outline-none'
const ITEM = 'flex min-h-7.5 cursor-default max-sm:min-h-11 max-sm:text-base items-center gap-2.5 rounded-md px-2 py-1 text-sm outline-none select-none data-[highlighted]:bg-hover data-[disabled]:opacity-45'

export function Menu({ trigger, children, align = 'end', side = 'bottom' }: { trigger: ReactElement; children: ReactNode; align?: 'start' | 'center' | 'end'; side?: 'bottom' | 'right' | 'top' }) {
  const [open, setOpen] = useState(false)
  useQuietGuards(open)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Tab') return
    // Tab leaves the menu for the button it came from, from where it goes on as ever.
    event.preventDefault()
    setOpen(false)
  }
  return (
    <Base.Root modal={false} open={open} onOpenChange={setOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={5} className="z-50">
          <Base.Popup className={POPUP} onKeyDown={onKeyDown}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

export function MenuItem({ icon, shortcut, children, onSelect, disabled, danger }: { icon?: ReactNode; shortcut?: string; children: ReactNode; onSelect: () => void; disabled?: boolean; danger?: boolean }) {
  return (
    <Base.Item onClick={onSelect} disabled={disabled} className={cx(ITEM, danger && 'text-bad')}>
      {icon && <span className={danger ? undefined : 'text-text-3'}>{icon}</span>}
      <span className="flex-1">{children}</span>
      {shortcut && <Kbd>{shortcut}</Kbd>}
    </Base.Item>
  )
}

export function MenuSeparator() {
  return <Base.Separator className="my-1 h-px bg-line" />
}

export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-2xs font-semibold tracking-wide text-text-3 uppercase">{label}</Base.GroupLabel>
      {children}
    </Base.Group>
  )
}

export function MenuRadio<T extends string>({ value, onChange, options }: { value: T; onChange: (value: T) => void; options: readonly { value: T; label: string; icon?: ReactNode }[] }) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} className={ITEM}>
          {option.icon && <span className="text-text-3">{option.icon}</span>}
          <span className="flex-1">{option.label}</span>
          <Base.RadioItemIndicator className="size-1.5 rounded-full bg-lamp" />
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  )
}
