import type { ReactNode } from 'react'
import { cx } from '@/lib/cx'

export function Kbd({ children, onInk }: { children: ReactNode; onInk?: boolean }) {
  return (
    <kbd
      className={cx(
        // Who touches the screen has no keys to press.
        'inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border px-1 font-sans text-2xs pointer-coarse:hidden',
        onInk ? 'border-ink-line bg-ink-2 text-ink-text' : 'border-line-strong bg-sunken text-text-3',
      )}
    >
      {children}
    </kbd>
  )
}

const TONES = {
  neutral: 'bg-sunken text-text-2 border-line',
  accent: 'bg-accent-soft text-accent-text border-accent-line',
  good: 'bg-good-soft text-good border-transparent',
  bad: 'bg-bad-soft text-bad border-transparent',
}

export function Badge({ tone = 'neutral', children, className }: { tone?: keyof typeof TONES; children: ReactNode; className?: string }) {
  return <span className={cx('inline-flex h-5 shrink-0 items-center gap-1 rounded-sm border px-1.5 text-2xs font-medium whitespace-nowrap', TONES[tone], className)}>{children}</span>
}

/** A count that asks for attention; nothing when zero. With `more` there are more than `value`. */
export function Count({ value, more, quiet, label }: { value: number; more?: boolean; quiet?: boolean; label?: string }) {
  if (value <= 0) return null
  return (
    <span
      aria-label={label}
      role={label ? 'img' : undefined}
      className={cx('tabular inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full px-1.25 text-2xs font-semibold', quiet ? 'bg-sunken text-text-2' : 'bg-lamp text-[oklch(0.24_0.04_70)]')}
    >
      {more ? `${value}+` : value > 99 ? '99+' : value}
    </span>
  )
}

/** A small heading over a group of facts or fields. */
export function Overline({ children, className, level: Heading = 'h3' }: { children: ReactNode; className?: string; level?: 'h2' | 'h3' }) {
  return <Heading className={cx('text-2xs font-semibold tracking-wide text-text-3 uppercase', className)}>{children}</Heading>
}
