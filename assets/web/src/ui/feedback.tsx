import type { ReactNode } from 'react'
import { cx } from '@/lib/cx'
import { AlertIcon, InfoIcon } from './icons'

export function Spinner({ size = 18, label }: { size?: number; label?: string }) {
  return (
    <svg viewBox="0 0 20 20" width={size} height={size} className="animate-turn" fill="none" stroke="currentColor" strokeWidth={2} strokeLinecap="round" role={label ? 'img' : undefined} aria-label={label} aria-hidden={label ? undefined : true}>
      <circle cx="10" cy="10" r="7.5" opacity=".2" />
      <path d="M10 2.5a7.5 7.5 0 0 1 7.5 7.5" />
    </svg>
  )
}

const SHAPES = { line: 'rounded-sm', box: 'rounded-lg', bubble: 'rounded-xl', face: 'rounded-full' }

/** A grey shape where content will stand. */
export function Skeleton({ className, shape = 'line' }: { className?: string; shape?: keyof typeof SHAPES }) {
  return <span aria-hidden="true" className={cx('block animate-pulse-soft bg-hover', SHAPES[shape], className)} />
}

/** Nothing here yet: says so, and names the next step. */
export function EmptyState({ icon, title, children, action, className }: { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode; className?: string }) {
  return (
    <div className={cx('flex flex-col items-center justify-center gap-1.5 px-6 py-10 text-center', className)}>
      {icon && <span className="mb-2 inline-flex size-11 items-center justify-center rounded-xl border border-line bg-surface text-text-3 shadow-xs">{icon}</span>}
      <p className="text-base font-semibold">{title}</p>
      {children && <div className="max-w-72 text-sm text-balance text-text-3">{children}</div>}
      {action && <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}

/** Something a person should know before going on. */
export function Notice({ tone = 'info', children, action, className, role }: { tone?: 'info' | 'warn' | 'bad'; children: ReactNode; action?: ReactNode; className?: string; role?: 'alert' | 'status' }) {
  const Icon = tone === 'info' ? InfoIcon : AlertIcon
  return (
    <div
      role={role}
      className={cx(
        'flex items-start gap-2.5 rounded-md border px-3 py-2 text-sm',
        tone === 'info' && 'border-line bg-sunken text-text-2',
        tone === 'warn' && 'border-note-line bg-note text-note-text',
        tone === 'bad' && 'border-bad-line bg-bad-soft text-bad',
        className,
      )}
    >
      <Icon size={16} className="mt-0.5 shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
      {action}
    </div>
  )
}
