import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useT } from '@/app/i18n'
import { go } from '@/app/go'
import { SETTINGS_SCREENS } from '@/app/settings-screens'
import type { Screen } from '@/app/screens'
import { can } from '@/app/session'
import { cx } from '@/lib/cx'
import { usePanes } from '@/lib/media'
import { BackIcon, ForwardIcon } from '@/ui/icons'
import { IconButton } from '@/ui/button'
import { Overline } from '@/ui/text'

type Group = NonNullable<Screen['nav']>['group']
const GROUPS: readonly Group[] = ['mine', 'firm', 'channels', 'operations']

/** The list of settings at the left, the chosen one beside it; on a phone one after the other. */
export default function Settings() {
  const t = useT()
  const path = useLocation({ select: (location) => location.pathname.replace(/\/$/, '') })
  const phone = usePanes() === 1
  const atList = path === '/settings'
  const screens = SETTINGS_SCREENS.filter((screen) => screen.nav && (!screen.permission || can(screen.permission)))
  // Of a screen below another: the way back goes to that one.
  const parent = screens.find((screen) => path.startsWith(`/settings/${screen.path}/`))
  const firstPath = (screens.find((screen) => screen.nav?.group !== 'mine') ?? screens[0])?.path
  useEffect(() => {
    if (atList && !phone && firstPath) go(`/settings/${firstPath}`, true)
  }, [atList, phone, firstPath])

  return (
    <div className="flex min-h-0 flex-1">
      {(!phone || atList) && (
        <nav aria-label={t('nav.settings')} className="flex w-56 shrink-0 flex-col gap-5 overflow-y-auto border-r border-line bg-surface px-2.5 py-5 max-sm:w-full max-sm:border-r-0">
          <h1 className="px-2 text-lg font-semibold tracking-tight">{t('nav.settings')}</h1>
          {GROUPS.map((group) => {
            const inGroup = screens.filter((screen) => screen.nav?.group === group)
            if (inGroup.length === 0) return null
            return (
              <section key={group} className="flex flex-col gap-0.5">
                <Overline level="h2" className="mb-1 px-2">{t(`settings.group.${group}`)}</Overline>
                {inGroup.map((screen) => {
                  const { icon: Icon, Badge } = screen.nav!
                  const here = path === `/settings/${screen.path}` || path.startsWith(`/settings/${screen.path}/`)
                  return (
                    <Link
                      key={screen.path}
                      to={`/settings/${screen.path}`}
                      aria-current={here ? 'page' : undefined}
                      className={cx('flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors max-sm:h-11 max-sm:text-base', here ? 'bg-selected font-medium text-text' : 'text-text-2 hover:bg-hover')}
                    >
                      <Icon size={17} className={here ? 'text-accent-text' : 'text-text-3'} />
                      <span className="min-w-0 flex-1 truncate">{t(screen.title)}</span>
                      {Badge && <Badge />}
                      <ForwardIcon size={15} className="text-text-3 sm:hidden" />
                    </Link>
                  )
                })}
              </section>
            )
          })}
        </nav>
      )}
      {(!phone || !atList) && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be within reach of the keys
        <div role="region" aria-label={t('nav.settings')} tabIndex={0} className="min-w-0 flex-1 overflow-y-auto">
          {phone && (
            <div className="px-1 pt-1">
              <IconButton label={t('action.back')} size={40} onClick={() => go(parent ? `/settings/${parent.path}` : '/settings')}>
                <BackIcon />
              </IconButton>
            </div>
          )}
          {!phone && parent && (
            <div className="mx-auto -mb-3 w-full max-w-6xl px-8 pt-4">
              <Link to={`/settings/${parent.path}`} className="-ml-1.5 inline-flex h-7 items-center gap-1 rounded-md pr-2 pl-1 text-sm text-text-3 transition-colors hover:bg-hover hover:text-text">
                <BackIcon size={15} />
                {t(parent.title)}
              </Link>
            </div>
          )}
          <Outlet />
        </div>
      )}
    </div>
  )
}
