import { useEffect } from 'react'

/**
 * An open menu stands between hidden elements that catch the Tab key and move the focus on. To whoever can't see, each
 * is one more stop with nothing there; a menu that closes at Tab has no need of them. Those of dialogs stay: they
 * keep the focus in.
 */
export function useQuietGuards(open: boolean): void {
  useEffect(() => {
    if (!open) return
    const quiet = () => {
      for (const guard of document.querySelectorAll<HTMLElement>('[data-base-ui-focus-guard][tabindex="0"]')) {
        if (guard.dataset.type === 'outside' || isOfMenu(guard.previousElementSibling) || isOfMenu(guard.nextElementSibling)) guard.tabIndex = -1
      }
    }
    quiet()
    // They come one after the other while the menu builds itself up.
    const observer = new MutationObserver(quiet)
    observer.observe(document.body, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [open])
}

const isOfMenu = (element: Element | null) => element?.matches('[role="menu"], [role="presentation"]:has(> [role="menu"]), [aria-haspopup="menu"]') ?? false
