import { Select as Base } from '@base-ui/react/select'
import type { ReactNode } from 'react'
import { cx } from '@/lib/cx'
import { CheckIcon, DownIcon } from './icons'

export interface Option<T extends string> {
  value: T
  label: string
  icon?: ReactNode
}

interface Props<T extends string> {
  id?: string
  value: T
  onChange: (value: T) => void
  options: readonly Option<T>[]
  /** Spoken name when no label element points here. */
  label?: string
  className?: string
  disabled?: boolean
  quiet?: boolean
  'aria-describedby'?: string
  'aria-invalid'?: boolean
}

export function Select<T extends string>({ value, onChange, options, label, className, quiet, disabled, ...trigger }: Props<T>) {
  const chosen = options.find((option) => option.value === value)
  return (
    <Base.Root value={value} onValueChange={(next) => next !== null && onChange(next as T)} items={options} disabled={disabled}>
      <Base.Trigger
        aria-label={label ? `${label}: ${chosen?.label ?? ''}` : undefined}
        className={cx(
          'inline-flex items-center justify-between gap-2 rounded-md text-left transition-colors',
          quiet ? 'h-7 px-2 text-xs max-sm:h-11 text-text-2 hover:bg-hover' : 'h-9 w-full border border-field-line bg-surface px-2.5 text-base shadow-xs hover:border-text-3 dark:bg-sunken max-sm:h-11',
          className,
        )}
        {...trigger}
      >
        <span className="flex min-w-0 items-center gap-2 truncate">
          {chosen?.icon}
          <span className="truncate">{chosen?.label ?? value}</span>
        </span>
        <DownIcon size={14} className="shrink-0 text-text-3" />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50">
          <Base.Popup className="overlay max-h-[min(22rem,var(--available-height))] min-w-[var(--anchor-width)] overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-lg">
            {options.map((option) => (
              <Base.Item key={option.value} value={option.value} className="flex min-h-7 cursor-default max-sm:min-h-11 max-sm:text-base items-center gap-2 rounded-md px-2 py-1 text-sm outline-none select-none data-[highlighted]:bg-hover">
                {option.icon}
                <Base.ItemText className="flex-1">{option.label}</Base.ItemText>
                <Base.ItemIndicator className="text-accent-text">
                  <CheckIcon size={14} />
                </Base.ItemIndicator>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
