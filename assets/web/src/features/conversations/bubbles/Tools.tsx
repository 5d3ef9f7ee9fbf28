import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { Button } from '@/ui/button'
import { InfoIcon, MoreIcon, ReplyIcon, SmileIcon } from '@/ui/icons'
import { allowed } from './acts'
import type { Shown } from './contract'
import { showOver, useIsOver } from './over'
import type { Place } from './place'

const TOOL = 'inline-flex size-7 items-center justify-center rounded-md text-text-3 transition-colors hover:bg-hover hover:text-text aria-expanded:bg-hover aria-expanded:text-text'

/** What is done most, beside the bubble: to see under the mouse or with the focus, to be found always. */
export function Tools({ message, place, tabIndex }: { message: Shown; place: Place; tabIndex: number }) {
  const t = useT()
  const isOver = useIsOver(message.id)
  const may = allowed(message, place)
  return (
    <span className={cx('flex transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 max-sm:hidden', !isOver && 'opacity-0')}>
      {may.react && <button type="button" tabIndex={tabIndex} aria-label={t('reactions.give')} title={t('reactions.give')} aria-haspopup="dialog" onClick={(event) => showOver({ kind: 'emoji', messageId: message.id, anchor: event.currentTarget })} className={TOOL}><SmileIcon size={16} /></button>}
      {may.reply && <button type="button" tabIndex={tabIndex} aria-label={t('thread.replyTo')} title={t('thread.replyTo')} onClick={() => place.reply(message.id)} className={TOOL}><ReplyIcon size={15} /></button>}
      <button type="button" tabIndex={tabIndex} aria-label={t('thread.details')} title={t('thread.details')} onClick={() => place.details(message.id)} className={TOOL}><InfoIcon size={15} /></button>
      <button type="button" tabIndex={tabIndex} data-menu aria-label={t('bubble.actions')} title={t('bubble.actions')} aria-haspopup="menu" aria-expanded={isOver} onClick={(event) => showOver({ kind: 'menu', messageId: message.id, anchor: event.currentTarget })} className={TOOL}><MoreIcon size={16} /></button>
    </span>
  )
}

/** On a phone, below the bubble that was touched. */
export function PickedTools({ message, place, onDone }: { message: Shown; place: Place; onDone: () => void }) {
  const t = useT()
  const may = allowed(message, place)
  return (
    <div className="mt-1 flex gap-1 sm:hidden">
      {may.reply && <Button size="sm" kind="quiet" icon={<ReplyIcon size={15} />} onClick={() => place.reply(message.id)}>{t('command.reply')}</Button>}
      <Button
        size="sm"
        kind="quiet"
        icon={<MoreIcon size={16} />}
        onClick={(event) => {
          showOver({ kind: 'sheet', messageId: message.id, anchor: event.currentTarget.closest<HTMLElement>('[role=article]') ?? undefined })
          onDone()
        }}
      >
        {t('bubble.actions')}
      </Button>
    </div>
  )
}
