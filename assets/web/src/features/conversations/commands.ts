import { declare, type Context } from '@/app/commands'
import './composer/commands'
import { starting } from './starting'

const atOpen = (context: Context) => !!context.inbox?.conversationId
const atLive = (context: Context) => atOpen(context) && (context.inbox!.status === 'OPEN' || context.inbox!.status === 'ASSIGNED')

/** What can be done at the desk. */
declare([
  { id: 'conversation.new', label: 'command.newConversation', group: 'list', shortcut: { code: 'KeyC' }, permission: 'conversation.reply', when: (c) => !!c.inbox, perform: () => starting.set({}) },
  { id: 'list.next', label: 'command.nextConversation', group: 'list', shortcut: { code: 'KeyJ' }, when: (c) => !!c.inbox, perform: (c) => c.inbox!.step(1) },
  { id: 'list.previous', label: 'command.previousConversation', group: 'list', shortcut: { code: 'KeyK' }, when: (c) => !!c.inbox, perform: (c) => c.inbox!.step(-1) },
  // On a button or a link Enter is its own.
  { id: 'list.open', label: 'command.openConversation', group: 'list', shortcut: { code: 'Enter' }, when: (c) => !!c.inbox?.hasSelection && !/^(A|BUTTON)$/.test(document.activeElement?.tagName ?? ''), perform: (c) => c.inbox!.openSelected() },
  { id: 'list.close', label: 'command.closeConversation', group: 'list', shortcut: { code: 'Escape' }, when: atOpen, perform: (c) => c.inbox!.close() },
  { id: 'conversation.reply', label: 'command.reply', group: 'conversation', shortcut: { code: 'KeyR' }, permission: 'conversation.reply', when: atOpen, perform: (c) => c.inbox!.focusComposer('reply') },
  { id: 'conversation.note', label: 'command.note', group: 'conversation', shortcut: { code: 'KeyN' }, permission: 'conversation.reply', when: atOpen, perform: (c) => c.inbox!.focusComposer('note') },
  { id: 'conversation.take', label: 'command.take', group: 'conversation', shortcut: { code: 'KeyI' }, permission: 'conversation.assign', when: (c) => atLive(c) && !c.inbox!.assignedToMe, perform: (c) => c.inbox!.take() },
  { id: 'conversation.assign', label: 'command.assign', group: 'conversation', shortcut: { code: 'KeyA' }, permission: 'conversation.assign', when: atLive, perform: (c) => c.inbox!.openAssign() },
  { id: 'conversation.transfer', label: 'command.transfer', group: 'conversation', shortcut: { code: 'KeyT' }, permission: 'conversation.assign', when: atLive, perform: (c) => c.inbox!.openTransfer() },
  { id: 'conversation.resolve', label: 'command.resolve', group: 'conversation', shortcut: { code: 'KeyE' }, permission: 'conversation.resolve', when: atLive, perform: (c) => c.inbox!.resolve(false) },
  { id: 'conversation.resolve-next', label: 'command.resolveNext', group: 'conversation', shortcut: { code: 'KeyE', shift: true }, permission: 'conversation.resolve', when: atLive, perform: (c) => c.inbox!.resolve(true) },
  { id: 'conversation.reopen', label: 'command.reopen', group: 'conversation', permission: 'conversation.resolve', when: (c) => atOpen(c) && c.inbox!.status === 'RESOLVED', perform: (c) => c.inbox!.reopen() },
  { id: 'conversation.archive', label: 'command.archive', group: 'conversation', shortcut: { code: 'KeyH' }, permission: 'conversation.archive', when: (c) => atOpen(c) && c.inbox!.status === 'RESOLVED', perform: (c) => c.inbox!.archive() },
  { id: 'conversation.find', label: 'command.find', group: 'conversation', shortcut: { code: 'KeyF' }, when: atOpen, perform: (c) => c.inbox!.find() },
  { id: 'conversation.panel', label: 'command.panel', group: 'conversation', shortcut: { code: 'KeyP' }, when: atOpen, perform: (c) => c.inbox!.togglePanel() },
])
