import { declare } from '@/app/commands'

declare([
  { id: 'go.firm', label: 'command.goFirm', group: 'go', permission: 'settings.read', perform: (context) => context.navigate('/settings/firm') },
  { id: 'go.firms', label: 'command.goFirms', group: 'go', permission: 'platform.manage', perform: (context) => context.navigate('/settings/firms') },
])
