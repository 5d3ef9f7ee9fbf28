import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import type { Typist } from './typing'

/** Three dots that breathe in turn. */
export function Dots({ className }: { className?: string }) {
  return (
    <span aria-hidden="true" className={cx('inline-flex items-center gap-[3px]', className)}>
      {[0, 1, 2].map((index) => <span key={index} className="size-1.5 animate-dot rounded-full bg-current" style={{ animationDelay: `${index * 160}ms` }} />)}
    </span>
  )
}

/** Whoever is writing, below the last message. */
export function TypingLine({ typists, customer }: { typists: readonly Typist[]; customer: string }) {
  const t = useT()
  if (typists.length === 0) return null
  const names = typists.map((one) => one.name || customer)
  const isCustomer = typists.some((one) => !one.isColleague)
  return (
    <div role="status" className={cx('mt-3 flex items-center gap-2 text-xs text-text-3', !isCustomer && 'justify-end')}>
      <span className={cx('inline-flex h-8 items-center rounded-xl border px-3', isCustomer ? 'border-bubble-in-line bg-bubble-in text-text-2' : 'border-transparent bg-bubble-out text-bubble-out-text')}><Dots /></span>
      <span>{names.length === 1 ? t('typing.one', { name: names[0]! }) : t('typing.some', { count: names.length })}</span>
    </div>
  )
}
