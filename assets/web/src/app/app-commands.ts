import { declare } from './commands'

/** Commands that are there on every screen. */
declare([
  { id: 'app.palette', label: 'command.palette', group: 'app', shortcut: { code: 'KeyK', ctrl: true }, perform: (context) => context.openPalette() },
  { id: 'app.help', label: 'command.help', group: 'app', perform: (context) => context.openHelp() },
  { id: 'app.preferences', label: 'command.preferences', group: 'app', perform: (context) => context.openPreferences() },
  { id: 'app.sign-out', label: 'command.signOut', group: 'app', perform: (context) => context.signOut() },
  { id: 'go.inbox', label: 'command.goInbox', group: 'go', shortcut: { code: 'KeyI', after: 'KeyG' }, perform: (context) => context.navigate('/inbox/mine') },
  { id: 'go.unassigned', label: 'command.goUnassigned', group: 'go', shortcut: { code: 'KeyU', after: 'KeyG' }, perform: (context) => context.navigate('/inbox/unassigned') },
  { id: 'go.all', label: 'command.goAll', group: 'go', shortcut: { code: 'KeyA', after: 'KeyG' }, perform: (context) => context.navigate('/inbox/all') },
  { id: 'go.resolved', label: 'command.goResolved', group: 'go', shortcut: { code: 'KeyR', after: 'KeyG' }, perform: (context) => context.navigate('/inbox/resolved') },
  { id: 'go.search', label: 'command.search', group: 'go', shortcut: { code: 'Slash' }, perform: (context) => context.navigate('/search') },
  { id: 'go.settings', label: 'command.goSettings', group: 'go', shortcut: { code: 'KeyS', after: 'KeyG' }, perform: (context) => context.navigate('/settings') },
])
