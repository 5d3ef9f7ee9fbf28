import type { ReactNode } from 'react'
import { cx } from '@/lib/cx'
import { createStore, useStore } from '@/lib/store'
import { AlertIcon, CheckIcon, CloseIcon } from './icons'

interface Toast {
  id: number
  words: string
  tone: 'good' | 'bad'
  action?: { label: string; perform: () => void }
}

const SHOWN_MS = 6_000
const SHOWN_MAX = 3
const toasts = createStore<Toast[]>([])
let last = 0

/** Tells what was done or what failed, for a few seconds. A failure stays until it is closed. */
export function toast(words: string, options: { tone?: 'good' | 'bad'; action?: Toast['action'] } = {}): void {
  const id = ++last
  const tone = options.tone ?? 'good'
  toasts.set((all) => [...all.filter((one) => one.words !== words), { id, words, tone, action: options.action }].slice(-SHOWN_MAX))
  if (tone === 'good') setTimeout(() => close(id), SHOWN_MS)
}

const close = (id: number) => toasts.set((all) => all.filter((one) => one.id !== id))

export function Toasts({ closeLabel }: { closeLabel: string }): ReactNode {
  const all = useStore(toasts)
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed inset-x-4 bottom-4 z-50 flex flex-col items-center gap-2 sm:left-auto sm:items-end">
      {all.map((one) => (
        <div key={one.id} className="pointer-events-auto flex max-w-96 animate-enter items-center gap-2.5 rounded-lg border border-ink-line bg-ink py-2 pr-2 pl-3 text-sm text-white shadow-lg dark:bg-raised">
          {one.tone === 'good' ? <CheckIcon size={16} className="shrink-0 text-[oklch(0.8_0.15_155)]" /> : <AlertIcon size={16} className="shrink-0 text-[oklch(0.77_0.14_28)]" />}
          <span className="min-w-0 flex-1">{one.words}</span>
          {one.action && (
            <button type="button" className="h-7 rounded-md px-2 font-medium text-lamp hover:bg-ink-2" onClick={() => { one.action?.perform(); close(one.id) }}>
              {one.action.label}
            </button>
          )}
          <button type="button" aria-label={closeLabel} onClick={() => close(one.id)} className={cx('inline-flex size-7 shrink-0 items-center justify-center rounded-md text-ink-text hover:bg-ink-2')}>
            <CloseIcon size={14} />
          </button>
        </div>
      ))}
    </div>
  )
}
