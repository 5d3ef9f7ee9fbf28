import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { cx } from '@/lib/cx'
import { Spinner } from './feedback'
import { Tooltip } from './tooltip'

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: 'primary' | 'plain' | 'quiet' | 'danger'
  size?: 'sm' | 'md' | 'lg'
  /** Shows that the work is under way and refuses another press. */
  busy?: boolean
  icon?: ReactNode
  ref?: Ref<HTMLButtonElement>
}

const KINDS = {
  primary: 'bg-primary text-on-primary hover:bg-primary-hover shadow-xs',
  plain: 'bg-surface text-text border border-line-strong hover:bg-hover shadow-xs dark:bg-raised',
  quiet: 'text-text-2 hover:bg-hover hover:text-text',
  danger: 'bg-surface text-bad border border-bad-line hover:bg-bad-soft shadow-xs dark:bg-raised',
}
const SIZES = { sm: 'h-7 px-2.5 text-xs gap-1.5 max-sm:h-11 max-sm:px-3.5 max-sm:text-sm', md: 'h-8 px-3 text-sm gap-1.5 max-sm:h-11 max-sm:px-3.5', lg: 'h-10 px-4 text-base gap-2 max-sm:h-12' }

export function Button({ kind = 'plain', size = 'md', busy, icon, className, children, disabled, type = 'button', ...rest }: Props) {
  return (
    <button
      type={type}
      disabled={disabled}
      aria-disabled={busy || undefined}
      onClickCapture={busy ? (event) => { event.preventDefault(); event.stopPropagation() } : undefined}
      className={cx(
        'inline-flex shrink-0 items-center justify-center rounded-md font-medium whitespace-nowrap [&>svg]:shrink-0 transition-colors select-none disabled:opacity-45',
        KINDS[kind],
        SIZES[size],
        className,
      )}
      {...rest}
    >
      {busy ? <Spinner size={14} /> : icon}
      {children}
    </button>
  )
}

interface IconProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string
  shortcut?: string
  size?: number
  ref?: Ref<HTMLButtonElement>
}

/** A square button with an icon; its label is spoken and shown on hover. */
export function IconButton({ label, shortcut, size = 32, className, children, type = 'button', ...rest }: IconProps) {
  return (
    <Tooltip label={label} shortcut={shortcut}>
      <button
        type={type}
        aria-label={label}
        className={cx(
          'inline-flex shrink-0 items-center justify-center rounded-md text-text-3 transition-colors hover:bg-hover hover:text-text disabled:opacity-45',
          size === 28 ? 'size-7' : size === 40 ? 'size-10' : 'size-8',
          // As large as a thumb.
          'max-sm:size-11',
          className,
        )}
        {...rest}
      >
        {children}
      </button>
    </Tooltip>
  )
}
