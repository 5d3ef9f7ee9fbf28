import { declare } from '@/app/commands'

/** Ways to the screens of this room. */
declare([
  { id: 'go.account', label: 'command.goAccount', group: 'go', perform: (context) => context.navigate('/settings/account') },
  { id: 'go.people', label: 'command.goPeople', group: 'go', shortcut: { code: 'KeyP', after: 'KeyG' }, permission: 'user.read', perform: (context) => context.navigate('/settings/people') },
  { id: 'go.roles', label: 'command.goRoles', group: 'go', permission: 'role.read', perform: (context) => context.navigate('/settings/roles') },
])
