import { declare } from '@/app/commands'

declare([
  { id: 'go.queues', label: 'command.goQueues', group: 'go', shortcut: { code: 'KeyQ', after: 'KeyG' }, permission: 'queue.read', perform: (context) => context.navigate('/settings/queues') },
])
