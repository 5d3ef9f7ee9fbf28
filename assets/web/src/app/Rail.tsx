import { Link, useLocation } from '@tanstack/react-router'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { auth } from '@/api/calls'
import { cache, useRecord } from '@/api/cache'
import type { Presence } from '@/api/types'
import { cx } from '@/lib/cx'
import { Avatar } from '@/ui/avatar'
import { InboxIcon, KeyboardIcon, Mark, SearchIcon, SettingsIcon, SignOutIcon } from '@/ui/icons'
import { Menu, MenuGroup, MenuItem, MenuRadio, MenuSeparator } from '@/ui/menu'
import { Count } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { Tooltip } from '@/ui/tooltip'
import { useCommandContext } from './command-context'
import { shortcutOf } from './commands'
import { errorWords } from './errors'
import { useGoingOver } from './going-over'
import { useT } from './i18n'
import { refreshMe, useMe } from './session'
import { useLink } from './socket'
import { useCounters, useSystem } from './system'

/** The strip at the left (at the bottom on a phone): where one can go, and who one is. */
export function Rail() {
  const t = useT()
  const unread = useCounters()?.unread ?? 0
  const system = useSystem()
  // On a phone the conversation has the screen to itself; the way back stands in its head.
  const inThread = useLocation({ select: (location) => /^\/inbox\/[^/]+\/./.test(location.pathname) })
  return (
    <nav aria-label={t('nav.main')} className={cx('z-10 flex w-14 shrink-0 flex-col items-center gap-1 bg-ink py-2.5 text-ink-text max-sm:h-[calc(3.75rem+env(safe-area-inset-bottom))] max-sm:w-full max-sm:flex-row max-sm:gap-0 max-sm:px-1 max-sm:py-0 max-sm:pb-[env(safe-area-inset-bottom)]', inThread && 'max-sm:hidden')}>
      <span className="mb-2 flex flex-col items-center max-sm:hidden">
        <Mark size={30} className="text-white" />
        {system?.demo && <span className="mt-1 rounded-sm bg-lamp px-1 text-[0.5625rem] leading-3.5 font-bold tracking-wide text-[oklch(0.24_0.04_70)] uppercase">{t('demo.badge')}</span>}
      </span>
      <Place to="/inbox/mine" active="/inbox" label={t('nav.inbox')} shortcut={shortcutOf('go.inbox')} badge={<Count value={unread} label={t('nav.unread', { count: unread })} />}>
        <InboxIcon size={20} />
      </Place>
      <Place to="/search" active="/search" label={t('nav.search')} shortcut={shortcutOf('go.search')}>
        <SearchIcon size={20} />
      </Place>
      <Place to="/settings" active="/settings" label={t('nav.settings')} shortcut={shortcutOf('go.settings')}>
        <SettingsIcon size={20} />
      </Place>
      <span className="flex-1 max-sm:hidden" />
      <LinkLamp />
      <Person />
    </nav>
  )
}

function Place({ to, active, label, shortcut, badge, children }: { to: string; active: string; label: string; shortcut?: string; badge?: ReactNode; children: ReactNode }) {
  const here = useLocation({ select: (location) => location.pathname.startsWith(active) })
  return (
    <Tooltip label={label} shortcut={shortcut} side="right">
      <Link
        to={to}
        aria-current={here ? 'page' : undefined}
        className={cx('relative inline-flex size-10 items-center justify-center rounded-lg transition-colors focus-visible:outline-lamp max-sm:h-13 max-sm:w-auto max-sm:min-w-0 max-sm:flex-1 max-sm:flex-col max-sm:gap-0.5', here ? 'bg-ink-2 text-white' : 'hover:bg-ink-2 hover:text-white')}
      >
        {here && <span aria-hidden="true" className="absolute -left-2 h-5 w-[3px] rounded-r-full bg-lamp max-sm:hidden" />}
        {children}
        <span className="max-w-full truncate text-2xs sm:sr-only">{label}</span>
        {badge && <span className="absolute -top-0.5 -right-0.5 max-sm:top-0.5 max-sm:right-auto max-sm:left-[calc(50%+0.375rem)]">{badge}</span>}
      </Link>
    </Tooltip>
  )
}

/** Is what one sees live? Says so honestly, in colour and in words. */
function LinkLamp() {
  const t = useT()
  const link = useLink()
  const words = link === 'connected' ? t('link.connected') : link === 'offline' ? t('link.offline') : link === 'connecting' ? t('link.connecting') : t('link.reconnecting')
  return (
    <Tooltip label={words} side="right">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the keyboard reaches the tooltip too */}
      <span role="status" tabIndex={0} aria-label={words} className="inline-flex size-7 items-center justify-center rounded-full focus-visible:outline-lamp max-sm:hidden">
        <span className={cx('size-2 rounded-full', link === 'connected' ? 'bg-[oklch(0.74_0.16_155)]' : link === 'offline' ? 'bg-[oklch(0.68_0.18_25)]' : 'animate-pulse-soft bg-lamp')} />
      </span>
    </Tooltip>
  )
}

function Person() {
  const t = useT()
  const me = useMe()
  const status = useRecord('user', me.id)?.status ?? me.status
  const context = useCommandContext()
  const setStatus = useMutation({
    mutationFn: (next: Presence) => auth.updateMe({ status: next }),
    onSuccess: (answer) => {
      cache.put('user', answer)
      void refreshMe()
    },
    onError: (error) => toast(errorWords(error), { tone: 'bad' }),
  })
  const setFirm = useGoingOver()
  const firms = me.memberships
  return (
    <Menu
      side="right"
      align="end"
      trigger={
        <button type="button" aria-label={t('nav.person', { name: me.name })} className="inline-flex size-10 items-center justify-center rounded-lg hover:bg-ink-2 focus-visible:outline-lamp max-sm:h-13 max-sm:w-auto max-sm:flex-1">
          <Avatar name={me.name} id={me.id} size="sm" presence={setStatus.isPending ? setStatus.variables : status} className="[&>span:last-child]:border-ink" />
        </button>
      }
    >
      <div className="px-2 pt-1 pb-2">
        <p className="text-sm font-semibold">{me.name}</p>
        <p className="text-xs text-text-3">{me.email}</p>
        {me.tenant && <p className="text-xs text-text-3">{me.tenant.name}</p>}
      </div>
      <MenuSeparator />
      {firms.length > 1 && (
        <>
          <MenuGroup label={t('nav.firms')}>
            <MenuRadio value={me.companyId} onChange={(companyId: string) => companyId !== me.companyId && setFirm.mutate(companyId)} options={firms.map((firm) => ({ value: firm.tenantId, label: firm.name }))} />
          </MenuGroup>
          <MenuSeparator />
        </>
      )}
      <MenuGroup label={t('presence.title')}>
        <MenuRadio
          value={setStatus.isPending && setStatus.variables ? setStatus.variables : status}
          onChange={(next: Presence) => setStatus.mutate(next)}
          options={[
            { value: 'ONLINE', label: t('presence.ONLINE') },
            { value: 'AWAY', label: t('presence.AWAY') },
            { value: 'OFFLINE', label: t('presence.OFFLINE') },
          ]}
        />
      </MenuGroup>
      <MenuSeparator />
      <MenuItem icon={<SettingsIcon size={16} />} onSelect={context.openPreferences}>{t('command.preferences')}</MenuItem>
      <MenuItem icon={<KeyboardIcon size={16} />} shortcut="?" onSelect={context.openHelp}>{t('command.help')}</MenuItem>
      <MenuItem icon={<SignOutIcon size={16} />} onSelect={context.signOut}>{t('command.signOut')}</MenuItem>
    </Menu>
  )
}
