import type { Screen } from '@/app/screens'
import { PlugIcon } from '@/ui/icons'
import './commands'

/** The screens of this room below /settings. */
export const screens: readonly Screen[] = [
  { path: 'channels', title: 'channels.title', permission: 'channel.read', nav: { group: 'channels', icon: PlugIcon }, load: () => import('./Channels') },
  { path: 'channels/new', title: 'channels.newTitle', permission: 'channel.manage', load: () => import('./NewChannel') },
  { path: 'channels/$channelId', title: 'channels.title', permission: 'channel.read', load: () => import('./ChannelPage') },
]
