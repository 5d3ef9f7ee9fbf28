import { declare, type Context } from '@/app/commands'
import { askedTool } from './tools'

const atLive = (context: Context) => !!context.inbox?.conversationId && (context.inbox.status === 'OPEN' || context.inbox.status === 'ASSIGNED')

/** What can be sent beside words. */
declare([
  { id: 'composer.files', label: 'command.attachFiles', group: 'conversation', permission: 'conversation.reply', when: atLive, perform: () => askedTool.set('files') },
  { id: 'composer.voice', label: 'command.recordVoice', group: 'conversation', permission: 'conversation.reply', when: atLive, perform: () => askedTool.set('voice') },
  { id: 'composer.template', label: 'command.useTemplate', group: 'conversation', permission: 'conversation.reply', when: atLive, perform: () => askedTool.set('template') },
  { id: 'composer.emoji', label: 'command.emoji', group: 'conversation', permission: 'conversation.reply', when: atLive, perform: () => askedTool.set('emoji') },
])
