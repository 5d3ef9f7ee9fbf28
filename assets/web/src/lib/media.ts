import { useSyncExternalStore } from 'react'

/** Does the media query match now? Re-renders when that changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    () => matchMedia(query).matches,
  )
}

/** A screen of one pane. */
export const PHONE = '(max-width: 639.98px)'

/** How many panes of the desk fit. The figures are the layout's only break points. */
export function usePanes(): 1 | 2 | 3 {
  const phone = useMedia(PHONE)
  const narrow = useMedia('(max-width: 999.98px)')
  return phone ? 1 : narrow ? 2 : 3
}
