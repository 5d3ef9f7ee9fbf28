import type { ReactNode } from 'react'
import { Overline } from '@/ui/text'

/** One titled part of the panel. */
export function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-t border-line px-4 py-4">
      <Overline className="mb-2">{title}</Overline>
      {children}
    </section>
  )
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-h-7 items-center justify-between gap-4 text-sm">
      <span className="shrink-0 text-text-3">{label}</span>
      <span className="min-w-0 text-right break-words">{children}</span>
    </div>
  )
}
