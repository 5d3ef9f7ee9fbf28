import { useEffect } from 'react'
import { useCounters } from './system'

/** Puts what waits for this person in front of the tab's title, and on the icon of an installed app. */
export function TitleCount() {
  const unread = useCounters()?.unread ?? 0
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Farol` : 'Farol'
    const badge = navigator as { setAppBadge?: (count?: number) => Promise<void> }
    void badge.setAppBadge?.(unread).catch(() => undefined)
    return () => {
      document.title = 'Farol'
    }
  }, [unread])
  return null
}
