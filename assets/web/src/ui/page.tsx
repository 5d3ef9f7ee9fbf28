import type { ReactNode } from 'react'
import { cx } from '@/lib/cx'

/**
 * A screen of the settings: heading, one sentence, actions at the right, then the content. All begin at the same line,
 * whatever their width, so that nothing jumps from one to the next; one that stands alone is `centred`.
 */
export function Page({ title, intro, actions, children, wide, centred }: { title: string; intro?: ReactNode; actions?: ReactNode; children: ReactNode; wide?: boolean; centred?: boolean }) {
  const page = (
    <div className={cx('flex w-full flex-col gap-5 px-4 pt-6 pb-10 max-sm:pt-1 sm:px-8', wide ? 'max-w-6xl' : 'max-w-3xl', centred && 'mx-auto max-sm:pt-6')}>
      <header className="flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-0">
          <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
          {intro && <p className="mt-0.5 max-w-prose text-sm text-text-3">{intro}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  )
  return centred ? page : <div className="mx-auto w-full max-w-6xl">{page}</div>
}

/** A framed group on a page. */
export function Card({ title, hint, actions, children, className }: { title?: string; hint?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className="overflow-hidden rounded-lg border border-line bg-surface shadow-xs">
      {title && (
        <header className="flex items-start justify-between gap-3 border-b border-line px-4 py-3 max-sm:flex-wrap">
          <div>
            <h2 className="text-base font-semibold">{title}</h2>
            {hint && <p className="text-xs text-text-3">{hint}</p>}
          </div>
          {actions}
        </header>
      )}
      <div className={className ?? 'p-4'}>{children}</div>
    </section>
  )
}

/** A plain table with crisp lines; columns that don't fit a phone carry `hide`. */
export function Table({ head, children, label }: { head: readonly { key: string; label: string; hide?: boolean; end?: boolean }[]; children: ReactNode; label: string }) {
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface shadow-xs">
      <table aria-label={label} className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b border-line bg-sunken text-left text-2xs font-semibold tracking-wide text-text-3 uppercase">
            {head.map((column) => (
              <th key={column.key} scope="col" className={cx('px-3.5 py-2 font-semibold', column.hide && 'max-sm:hidden', column.end && 'text-right')}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </div>
  )
}

export function Cell({ children, hide, end, className }: { children?: ReactNode; hide?: boolean; end?: boolean; className?: string }) {
  return <td className={cx('px-3.5 py-2 align-middle', hide && 'max-sm:hidden', end && 'text-right', className)}>{children}</td>
}
