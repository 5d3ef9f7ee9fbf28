import { useT } from '@/app/i18n'
import { Count } from '@/ui/text'
import { useDeadLetters } from './data'

/** How many dead letters wait for a decision; with pages still unread the count is a lower bound and says so. */
export function OpenLetters() {
  const t = useT()
  const list = useDeadLetters(undefined)
  const count = list.data?.pages.reduce((sum, page) => sum + page.items.length, 0) ?? 0
  return <Count value={count} more={list.hasNextPage} label={list.hasNextPage ? t('deadLetters.openMore', { count }) : t('deadLetters.open', { count })} />
}
