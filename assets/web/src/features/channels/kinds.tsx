import type { ChannelKind } from '@/api/types'
import { cx } from '@/lib/cx'
import { ChatIcon, QrIcon } from '@/ui/icons'

/** The mark of a kind of channel. */
export function KindTile({ kind, large }: { kind: ChannelKind; large?: boolean }) {
  const Icon = kind === 'waha' ? QrIcon : ChatIcon
  return (
    <span aria-hidden="true" className={cx('inline-flex shrink-0 items-center justify-center rounded-lg border border-line bg-sunken text-text-2', large ? 'size-11' : 'size-8')}>
      <Icon size={large ? 22 : 17} />
    </span>
  )
}
