import { Menu as Base } from '@base-ui/react/menu'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { useQuietGuards } from '@/ui/focus-guards'
import { PlusIcon } from '@/ui/icons'
import { allowed, react } from './acts'
import type { Shown } from './contract'
import { useDeeds } from './deeds'
import { QUICK, sameEmoji } from './emoji'
import { leaveOver, showOver } from './over'
import { usePlace } from './place'
import { oursOf } from './reactions'

const ITEM = 'flex min-h-8 cursor-default items-center gap-2.5 rounded-md px-2 py-1 text-sm outline-none select-none data-[highlighted]:bg-hover'

/** What can be done with a message, beside it; reactions first. */
export function MessageMenu({ message, anchor }: { message: Shown; anchor?: HTMLElement }) {
  const t = useT()
  const place = usePlace()
  const deeds = useDeeds(message)
  const mine = oursOf(message.reactions)
  useQuietGuards(true)
  return (
    <Base.Root modal={false} open onOpenChange={(open) => !open && leaveOver()}>
      <Base.Portal>
        <Base.Positioner anchor={anchor} align={message.direction === 'OUTBOUND' ? 'end' : 'start'} sideOffset={5} className="z-50">
          <Base.Popup
            aria-label={t('bubble.actions')}
            finalFocus={() => anchor ?? null}
            onKeyDown={(event) => {
              if (event.key !== 'Tab') return
              event.preventDefault()
              leaveOver()
            }}
            className="overlay min-w-52 overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-lg outline-none"
          >
            {allowed(message, place).react && (
              <div role="group" aria-label={t('reactions.give')} className="mb-1 flex gap-0.5 border-b border-line px-0.5 pb-1">
                {QUICK.map((emoji) => {
                  const isMine = mine !== undefined && sameEmoji(mine, emoji)
                  return (
                    <Base.Item key={emoji} label={emoji} aria-label={t(isMine ? 'reactions.takeBack' : 'reactions.with', { emoji })} onClick={() => void react(message, place.me, isMine ? '' : emoji)} className={cx('grid size-8.5 cursor-default place-items-center rounded-full text-xl leading-none outline-none data-[highlighted]:bg-hover', isMine && 'bg-accent-soft')}>
                      {emoji}
                    </Base.Item>
                  )
                })}
                <Base.Item label="+" aria-label={t('reactions.more')} closeOnClick={false} onClick={() => showOver({ kind: 'emoji', messageId: message.id, anchor })} className="grid size-8.5 cursor-default place-items-center rounded-full text-text-3 outline-none data-[highlighted]:bg-hover">
                  <PlusIcon size={16} />
                </Base.Item>
              </div>
            )}
            {deeds.map((deed) => (
              <Base.Item key={deed.id} label={deed.label} onClick={() => setTimeout(deed.perform, 0)} className={cx(ITEM, deed.isDangerous && 'text-bad')}>
                <span className={deed.isDangerous ? undefined : 'text-text-3'}>{deed.icon}</span>
                <span className="flex-1">{deed.label}</span>
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
