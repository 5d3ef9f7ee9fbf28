import { createContext, lazy, Suspense, useContext, useState } from 'react'
import type { Conversation } from '@/api/types'
import { useT } from '@/app/i18n'
import { IconButton } from '@/ui/button'
import { ClockIcon } from '@/ui/icons'
import type { More } from './contract'

const ScheduleDialog = lazy(() => import('./ScheduleDialog'))

/** What a dialog put together; `null` while something is missing, which the dialog says itself. */
export interface Made {
  more: More
  content: string
}

/** Where what is put together goes. */
interface Out {
  conversation: Conversation
  replyTo?: string
  onSend: (more: More, content: string) => void
  onScheduled: () => void
}

const OutContext = createContext<Out | null>(null)
export const OutProvider = OutContext.Provider

export function useOut(): Out {
  const out = useContext(OutContext)
  if (!out) throw new Error('used outside the composer')
  return out
}

/** Sends at once what `make` puts together. */
export function useSend(make: () => Made | null): () => void {
  const { onSend } = useOut()
  return () => {
    const made = make()
    if (made) onSend(made.more, made.content)
  }
}

/** The other way out of a dialog: at a time one chooses. */
export function PlanLater({ make, disabled }: { make: () => Made | null | Promise<Made | null>; disabled?: boolean }) {
  const t = useT()
  const { conversation, replyTo, onScheduled } = useOut()
  const [planned, setPlanned] = useState<Made | null>(null)
  const plan = async () => setPlanned(await make())
  return (
    <>
      <IconButton label={t('composer.schedule')} disabled={disabled} onClick={() => void plan()}><ClockIcon size={17} /></IconButton>
      {planned && (
        <Suspense>
          <ScheduleDialog conversation={conversation} content={planned.content} more={planned.more} files={[]} replyTo={replyTo} onScheduled={onScheduled} onClose={() => setPlanned(null)} />
        </Suspense>
      )}
    </>
  )
}
