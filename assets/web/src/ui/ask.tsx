import type { ReactNode } from 'react'
import { createStore, useStore } from '@/lib/store'
import { Confirm } from './dialog'

interface Question {
  title: string
  words: string
  confirm: string
  danger?: boolean
}
interface Asked extends Question {
  id: number
  answer: (yes: boolean) => void
}

const asked = createStore<Asked | null>(null)
let last = 0

/** Asks before something goes on; for commands, which have no place on the screen of their own. */
export function ask(question: Question): Promise<boolean> {
  asked.get()?.answer(false)
  return new Promise((answer) => asked.set({ ...question, id: ++last, answer }))
}

function settle(one: Asked, yes: boolean): void {
  one.answer(yes)
  asked.set((now) => (now?.id === one.id ? null : now))
}

/** Where the question appears. Once, beside the toasts. */
export function Asking({ cancel }: { cancel: string }): ReactNode {
  const one = useStore(asked)
  if (!one) return null
  // Saying yes closes as well; a moment later its answer stands, whichever handler ran first.
  const close = () => queueMicrotask(() => settle(one, false))
  return (
    <Confirm key={one.id} open onOpenChange={(open) => !open && close()} title={one.title} confirm={one.confirm} cancel={cancel} danger={one.danger} onConfirm={() => settle(one, true)}>
      {one.words}
    </Confirm>
  )
}
