import { declare } from '@/app/commands'

declare([
  { id: 'go.channels', label: 'command.goChannels', group: 'go', permission: 'channel.read', perform: (context) => context.navigate('/settings/channels') },
  { id: 'channel.connect', label: 'command.connectChannel', group: 'go', permission: 'channel.manage', perform: (context) => context.navigate('/settings/channels/new') },
])
