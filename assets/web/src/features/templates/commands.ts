import { declare } from '@/app/commands'

declare([
  { id: 'go.templates', label: 'command.goTemplates', group: 'go', permission: 'template.read', perform: (context) => context.navigate('/settings/templates') },
  { id: 'template.new', label: 'command.newTemplate', group: 'go', permission: 'template.manage', perform: (context) => context.navigate('/settings/templates/new') },
])
