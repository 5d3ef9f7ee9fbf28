import type { Message } from '@/api/types'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { BasketIcon } from '@/ui/icons'
import { lineTotal, totals } from './money'

/** A shopping basket with its lines and what they come to. */
export function Basket({ order }: { order: NonNullable<Message['order']> }) {
  const t = useT()
  const format = useFormat()
  const sums = totals(order.items)
  return (
    <div className="w-72 max-w-full">
      <span className="flex items-center gap-1.5 font-medium">
        <BasketIcon size={16} className="opacity-75" />
        {t('order.title', { count: order.items.reduce((sum, item) => sum + item.quantity, 0) })}
      </span>
      <ul className="mt-1 divide-y divide-current/10 text-sm">
        {order.items.map((item, index) => {
          const total = lineTotal(item)
          return (
            <li key={index} className="flex items-baseline gap-2 py-1">
              <span className="tabular shrink-0 opacity-75">{format.number(item.quantity)} ×</span>
              <span className="min-w-0 flex-1 break-words">{item.name || item.productId}</span>
              {total !== null && <span className="tabular shrink-0">{format.money(total, item.currency ?? '')}</span>}
            </li>
          )
        })}
      </ul>
      {sums.map(({ amount, currency }) => (
        <p key={currency} className="flex justify-between gap-3 border-t border-current/20 pt-1 font-semibold">
          <span>{t('order.total')}</span>
          <span className="tabular">{format.money(amount, currency)}</span>
        </p>
      ))}
    </div>
  )
}
