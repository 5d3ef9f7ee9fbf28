import { Popover } from '@base-ui/react/popover'
import { useT } from '@/app/i18n'
import { Dialog } from '@/ui/dialog'
import { Signs } from '../composer/EmojiPicker'

/** Emoji to react with: beside the message on a desk, at the thumb on a phone. */
export function EmojiPicker({ anchor, onPick, onClose }: { anchor?: HTMLElement; onPick: (emoji: string) => void; onClose: () => void }) {
  const t = useT()
  const pick = (emoji: string) => {
    onClose()
    onPick(emoji)
  }
  if (!anchor) {
    return (
      <Dialog open sheet onOpenChange={(open) => !open && onClose()} title={t('reactions.give')} closeLabel={t('action.close')}>
        <Signs onPick={pick} />
      </Dialog>
    )
  }
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Portal>
        <Popover.Positioner anchor={anchor} sideOffset={6} className="z-50">
          <Popover.Popup aria-label={t('reactions.give')} finalFocus={() => anchor} className="overlay w-88 rounded-lg border border-line bg-raised p-2.5 shadow-lg outline-none">
            <Signs onPick={pick} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
