import { Popover } from '@base-ui/react/popover'
import type { ReactNode } from 'react'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { Avatar } from '@/ui/avatar'
import { react } from './acts'
import type { Shown } from './contract'
import { closeOver, leaveOver } from './over'
import { reactorWords } from './people'
import { usePlace } from './place'
import { groups, isOurs } from './reactions'
import { Rich } from './Rich'

/** A small sheet beside what it tells of. */
export function Beside({ anchor, title, children }: { anchor?: HTMLElement; title: string; children: ReactNode }) {
  return (
    <Popover.Root open onOpenChange={(open) => !open && leaveOver()}>
      <Popover.Portal>
        <Popover.Positioner anchor={anchor} sideOffset={6} className="z-50">
          <Popover.Popup finalFocus={() => anchor ?? null} className="overlay max-h-80 w-72 max-w-[calc(100vw-1.5rem)] overflow-y-auto rounded-lg border border-line bg-raised p-3 shadow-lg outline-none">
            <Popover.Title className="mb-1.5 text-sm font-semibold">{title}</Popover.Title>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}

/** Whose reactions they are; one's own is taken back here. */
export function WhoReacted({ message, anchor }: { message: Shown; anchor?: HTMLElement }) {
  const t = useT()
  const format = useFormat()
  const place = usePlace()
  const all = groups(message.reactions).flatMap((group) => group.reactions)
  const canReact = place.canWrite && place.can('REACTION')
  return (
    <Beside anchor={anchor} title={t('reactions.title', { count: all.length })}>
      <ul className="flex flex-col">
        {all.map((one) => {
          const name = reactorWords(one, place)
          return (
            <li key={`${one.by}/${one.member ?? ''}`} className="flex min-h-9 items-center gap-2.5 text-sm">
              <Avatar name={name} id={one.by} size="xs" />
              <span className="min-w-0 flex-1">
                <span className="block truncate">{name}</span>
                {isOurs(one) && canReact ? (
                  <button type="button" className="touch text-xs text-accent-text underline underline-offset-2" onClick={() => { closeOver(); void react(message, place.me, '') }}>{t('reactions.remove')}</button>
                ) : (
                  <span className="block text-2xs text-text-3">{format.stamp(one.at)}</span>
                )}
              </span>
              <span className="text-lg">{one.emoji}</span>
            </li>
          )
        })}
      </ul>
    </Beside>
  )
}

/** What a message said before it was changed, oldest first. */
export function Edits({ message, anchor }: { message: Shown; anchor?: HTMLElement }) {
  const t = useT()
  const format = useFormat()
  return (
    <Beside anchor={anchor} title={t('bubble.editsTitle')}>
      <ol className="flex flex-col gap-2.5">
        {message.edits?.map((edit) => (
          <li key={edit.at} className="text-sm">
            <p className="text-2xs text-text-3">{t('bubble.editedUntil', { when: format.full(edit.at) })}</p>
            <Rich text={edit.before} />
          </li>
        ))}
      </ol>
    </Beside>
  )
}
