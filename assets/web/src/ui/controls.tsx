import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox'
import { Switch as BaseSwitch } from '@base-ui/react/switch'
import { useId, type ReactNode } from 'react'
import { cx } from '@/lib/cx'
import { CheckIcon } from './icons'

export function Switch({ checked, onChange, label, hint, disabled }: { checked: boolean; onChange: (checked: boolean) => void; label: ReactNode; hint?: ReactNode; disabled?: boolean }) {
  const id = useId()
  return (
    <div className="flex items-start justify-between gap-4">
      <div>
        <span id={`${id}-label`} className="text-sm font-medium text-text">{label}</span>
        {hint && <p id={`${id}-hint`} className="text-xs text-text-3">{hint}</p>}
      </div>
      <BaseSwitch.Root
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="touch inline-flex h-6 w-10 shrink-0 items-center rounded-full border border-field-line bg-sunken p-0.5 transition-colors data-[checked]:border-primary data-[checked]:bg-primary data-[disabled]:opacity-50"
      >
        <BaseSwitch.Thumb className="size-4.5 rounded-full bg-text-3 transition-transform data-[checked]:translate-x-4 data-[checked]:bg-on-primary" />
      </BaseSwitch.Root>
    </div>
  )
}

export function Checkbox({ checked, onChange, label, hint }: { checked: boolean; onChange: (checked: boolean) => void; label: ReactNode; hint?: ReactNode }) {
  const id = useId()
  return (
    <div className="flex items-start gap-2.5 max-sm:py-2.5">
      <BaseCheckbox.Root
        checked={checked}
        onCheckedChange={(next) => onChange(next)}
        aria-labelledby={`${id}-label`}
        className="touch mt-px inline-flex size-4.5 max-sm:-mt-0.5 max-sm:size-6 shrink-0 items-center justify-center rounded-sm border border-field-line bg-surface data-[checked]:border-primary data-[checked]:bg-primary"
      >
        <BaseCheckbox.Indicator className="text-on-primary">
          <CheckIcon size={13} strokeWidth={2.2} />
        </BaseCheckbox.Indicator>
      </BaseCheckbox.Root>
      <div>
        {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the checkbox itself takes the keys */}
        <span id={`${id}-label`} className="text-sm select-none" onClick={() => onChange(!checked)}>{label}</span>
        {hint && <p className="text-xs text-text-3">{hint}</p>}
      </div>
    </div>
  )
}

/** A row of mutually exclusive choices that all stay in sight. */
export function Segments<T extends string>({ value, onChange, options, label }: { value: T; onChange: (value: T) => void; options: readonly { value: T; label: string; icon?: ReactNode }[]; label: string }) {
  return (
    <div role="radiogroup" aria-label={label} className="inline-flex rounded-md border border-line bg-sunken p-0.5">
      {options.map((option, index) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onChange(option.value)}
          onKeyDown={(event) => {
            const step = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0
            if (step === 0) return
            event.preventDefault()
            const next = (index + step + options.length) % options.length
            onChange(options[next]!.value)
            ;(event.currentTarget.parentElement?.children[next] as HTMLElement | undefined)?.focus()
          }}
          className={cx(
            'inline-flex h-7 items-center gap-1.5 rounded-[0.3125rem] px-2.5 text-sm whitespace-nowrap max-sm:h-11 transition-colors',
            option.value === value ? 'bg-surface font-medium text-text shadow-xs dark:bg-selected' : 'text-text-3 hover:text-text',
          )}
        >
          {option.icon}
          {option.label}
        </button>
      ))}
    </div>
  )
}
