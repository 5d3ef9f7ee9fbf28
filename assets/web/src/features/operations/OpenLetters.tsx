import { useT } from '@/app/i18n'
import { Count } from '@/ui/text'
import { useDeadLetters } from './data'

/** How many dead letters wait for a decision; beyond a page it says "99+". */
export function OpenLetters() {
  const t = useT()
  const count = useDeadLetters(undefined).data?.pages.reduce((sum, page) => sum + page.items.length, 0) ?? 0
  return <Count value={count} label={t('deadLetters.open', { count })} />
}
