import { declare } from '@/app/commands'

declare([
  { id: 'go.dead-letters', label: 'command.goDeadLetters', group: 'go', permission: 'deadletter.manage', perform: (context) => context.navigate('/settings/dead-letters') },
  { id: 'go.jobs', label: 'command.goJobs', group: 'go', permission: 'job.read', perform: (context) => context.navigate('/settings/jobs') },
  { id: 'go.system', label: 'command.goSystem', group: 'go', permission: 'system.read', perform: (context) => context.navigate('/settings/system') },
])
