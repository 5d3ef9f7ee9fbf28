import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect, type AnyRoute } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { history, TABS, type Tab } from './go'
import { wordsBehind } from './i18n'
import { ownPath } from './own-path'
import { Broken, NotFound, Unauthorized } from './pages/Dead'
import { SETTINGS_SCREENS } from './settings-screens'
import { can, session } from './session'
import { Shell } from './Shell'

type Load = () => Promise<{ default: ComponentType }>
const lazy = (load: Load) => lazyRouteComponent(load)
/** A screen behind the desk comes with its words. */
const lazyBehind = (load: Load) => lazy(async () => (await Promise.all([load(), wordsBehind()]))[0])
const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: Broken })
const text = (value: unknown) => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined)

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    // A box without an owner never comes here: it answers every page with the way to its wizard.
    throw redirect({ to: session.get().status === 'in' ? '/inbox/mine' : '/login' })
  },
})

/** Doors are for people who are not signed in yet. */
const door = (path: string, load: Load, search: (given: Record<string, unknown>) => Record<string, string | undefined> = () => ({})) =>
  createRoute({ getParentRoute: () => root, path, component: lazyBehind(load), validateSearch: search })

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (given: Record<string, unknown>) => ({ next: text(given.next) }),
  beforeLoad: ({ search }) => {
    if (session.get().status === 'in') throw redirect({ to: ownPath(search.next) })
  },
  component: lazy(() => import('@/features/identity/SignIn')),
})

const desk = createRoute({
  getParentRoute: () => root,
  id: 'desk',
  component: Shell,
  beforeLoad: ({ location }) => {
    const now = session.get()
    if (now.status !== 'in') {
      // Whoever signed out on purpose may not be the one who signs in next.
      const left = now.status === 'out' && now.why === 'signed-out'
      const next = left || location.href === '/inbox/mine' ? undefined : location.href
      throw redirect({ to: '/login', search: { next } })
    }
  },
})

const isName = (part: string) => /^\d{1,15}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(part)
const inboxSearch = (given: Record<string, unknown>) => ({ queue: text(given.queue), channel: text(given.channel), message: text(given.message) })
const inbox = createRoute({
  getParentRoute: () => desk,
  path: '/inbox/$tab',
  validateSearch: inboxSearch,
  beforeLoad: ({ params }) => {
    guard('conversation.read')
    if (TABS.includes(params.tab as Tab)) return
    // A link may name the conversation alone, by its id or its running number.
    throw redirect({ to: isName(params.tab) ? `/inbox/all/${params.tab}` : '/inbox/mine' })
  },
  component: lazy(() => import('@/features/conversations/Inbox')),
})
const conversation = createRoute({ getParentRoute: () => inbox, path: '$conversationId' })

const settingsRoute = createRoute({
  getParentRoute: () => desk,
  path: '/settings',
  component: lazyBehind(() => import('@/features/settings/Settings')),
})

const settingsScreens: AnyRoute[] = SETTINGS_SCREENS.map((screen) =>
  createRoute({
    getParentRoute: () => settingsRoute,
    path: screen.path,
    beforeLoad: () => guard(screen.permission),
    component: lazyBehind(screen.load),
  }),
)

const tree = root.addChildren([
  index,
  login,
  door('/setup', () => import('@/features/identity/Setup'), (given) => ({ code: text(given.code) })),
  door('/invitations/$token', () => import('@/features/identity/AcceptInvitation')),
  createRoute({ getParentRoute: () => root, path: '/unauthorized', component: Unauthorized }),
  desk.addChildren([
    createRoute({ getParentRoute: () => desk, path: '/inbox', beforeLoad: () => { throw redirect({ to: '/inbox/mine' }) } }),
    inbox.addChildren([conversation]),
    createRoute({ getParentRoute: () => desk, path: '/search', validateSearch: (given: Record<string, unknown>) => ({ q: text(given.q) }), beforeLoad: () => guard('conversation.read'), component: lazy(() => import('@/features/search/Search')) }),
    createRoute({ getParentRoute: () => desk, path: '/welcome', beforeLoad: () => guard('channel.manage'), component: lazyBehind(() => import('@/features/identity/Welcome')) }),
    settingsRoute.addChildren(settingsScreens),
  ]),
])

export const router = createRouter({ routeTree: tree, history, defaultPreload: 'intent', scrollRestoration: false, defaultErrorComponent: Broken, defaultNotFoundComponent: NotFound })

function guard(permission: string | undefined): void {
  if (permission && !can(permission)) throw redirect({ to: '/unauthorized' })
}
