import type { MessageStatus } from '@/api/types'
import { useT } from '@/app/i18n'
import { AlertIcon, CheckIcon, ClockIcon, QuestionIcon, TicksIcon } from '@/ui/icons'

/** What is known of an outgoing message, and no more: one tick only after the provider took it. `onDark`: on a picture. */
export function StatusTick({ status, size = 14, onDark }: { status: MessageStatus | 'queued' | 'sending' | 'unknown' | 'failed'; size?: number; onDark?: boolean }) {
  const t = useT()
  const props = { size, role: 'img', 'aria-hidden': false, 'aria-label': t(`status.${status}`), className: 'shrink-0' } as const
  switch (status) {
    case 'PENDING':
    case 'SENDING':
    case 'queued':
    case 'sending':
      return <ClockIcon {...props} className="shrink-0 opacity-75" />
    case 'UNKNOWN':
    case 'unknown':
      return <QuestionIcon {...props} className="shrink-0 text-accent-text" />
    case 'SENT':
      return <CheckIcon {...props} className="shrink-0 opacity-80" />
    case 'DELIVERED':
      return <TicksIcon {...props} className="shrink-0 opacity-80" />
    case 'READ':
      return <TicksIcon {...props} className={onDark ? 'shrink-0 text-[oklch(0.8_0.11_235)]' : 'shrink-0 text-read'} />
    case 'FAILED':
    case 'failed':
      return <AlertIcon {...props} className="shrink-0 text-bad" />
  }
}
