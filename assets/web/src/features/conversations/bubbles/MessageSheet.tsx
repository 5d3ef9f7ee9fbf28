import { Dialog as Base } from '@base-ui/react/dialog'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { PlusIcon } from '@/ui/icons'
import { previewWords } from '../words'
import { allowed, react } from './acts'
import type { Shown } from './contract'
import { useDeeds } from './deeds'
import { QUICK, sameEmoji } from './emoji'
import { closeOver, leaveOver, showOver } from './over'
import { usePlace } from './place'
import { oursOf } from './reactions'

/** The same as the menu, at the thumb. */
export function MessageSheet({ message }: { message: Shown }) {
  const t = useT()
  const place = usePlace()
  const deeds = useDeeds(message)
  const mine = oursOf(message.reactions)
  return (
    <Base.Root open onOpenChange={(open) => !open && leaveOver()}>
      <Base.Portal>
        <Base.Backdrop className="veil fixed inset-0 z-40 bg-shade" />
        <Base.Popup className="fixed inset-x-0 bottom-0 z-40 mx-auto max-h-[85dvh] max-w-xl overflow-y-auto rounded-t-2xl border-t border-line sm:border-x bg-raised px-2 pt-2 pb-[max(0.75rem,env(safe-area-inset-bottom))] shadow-lg outline-none animate-enter">
          <span aria-hidden="true" className="mx-auto mb-2 block h-1 w-9 rounded-full bg-line-strong" />
          <Base.Title className="sr-only">{t('bubble.actions')}</Base.Title>
          <Base.Description className="truncate px-3 pb-2 text-sm text-text-3">{previewWords(message.type, message.content, message.media?.isVoice)}</Base.Description>
          {allowed(message, place).react && (
            <div role="group" aria-label={t('reactions.give')} className="mb-1 flex justify-between border-b border-line px-1 pb-2">
              {QUICK.map((emoji) => {
                const isMine = mine !== undefined && sameEmoji(mine, emoji)
                return (
                  <button key={emoji} type="button" aria-label={t(isMine ? 'reactions.takeBack' : 'reactions.with', { emoji })} aria-pressed={isMine} onClick={() => { closeOver(); void react(message, place.me, isMine ? '' : emoji) }} className={cx('grid size-11 place-items-center rounded-full text-2xl leading-none', isMine && 'bg-accent-soft')}>
                    {emoji}
                  </button>
                )
              })}
              <button type="button" aria-label={t('reactions.more')} onClick={() => showOver({ kind: 'emoji', messageId: message.id })} className="grid size-11 place-items-center rounded-full text-text-3"><PlusIcon size={20} /></button>
            </div>
          )}
          {deeds.map((deed) => (
            <button
              key={deed.id}
              type="button"
              onClick={() => {
                closeOver()
                setTimeout(deed.perform, 0)
              }}
              className={cx('flex min-h-12 w-full items-center gap-3.5 rounded-md px-3 text-left text-base', deed.isDangerous && 'text-bad')}
            >
              <span className={deed.isDangerous ? undefined : 'text-text-3'}>{deed.icon}</span>
              {deed.label}
            </button>
          ))}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}
