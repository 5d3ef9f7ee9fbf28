import { useQuery } from '@tanstack/react-query'
import { cache, useRecord } from '@/api/cache'
import { contacts } from '@/api/calls'
import type { Conversation } from '@/api/types'
import { useCommandContext } from '@/app/command-context'
import { available, keysFirst, shortcutOf, shortcutWords } from '@/app/commands'
import { useT } from '@/app/i18n'
import { can, useMe } from '@/app/session'
import { cx } from '@/lib/cx'
import { usePanes } from '@/lib/media'
import { Avatar } from '@/ui/avatar'
import { Button, IconButton } from '@/ui/button'
import { ArchiveIcon, BackIcon, CheckIcon, MoreIcon, PanelIcon, ReopenIcon, SearchIcon, TransferIcon, UserIcon, UserPlusIcon, UsersIcon } from '@/ui/icons'
import { Menu, MenuItem } from '@/ui/menu'
import { Badge } from '@/ui/text'
import { resolve, take, reopen, archive } from './actions'
import { customerName } from './words'

interface Props {
  conversation: Conversation
  onBack?: () => void
  onAssign: () => void
  onTransfer: () => void
  panelShown: boolean
  onTogglePanel: () => void
  finding: boolean
  onToggleFind: () => void
}

export function ThreadHeader({ conversation, onBack, onAssign, onTransfer, panelShown, onTogglePanel, finding, onToggleFind }: Props) {
  const t = useT()
  const me = useMe()
  const narrow = usePanes() === 1
  const queue = useRecord('queue', conversation.queueId)
  const assignee = useRecord('user', conversation.assignedTo)
  const name = customerName(conversation)
  const isGroup = conversation.contact?.isGroup ?? false
  const members = useMembers(isGroup ? conversation.contact.id : null)
  const live = conversation.status === 'OPEN' || conversation.status === 'ASSIGNED'
  const mine = conversation.assignedTo === me.id
  return (
    <header className="@container flex h-13 shrink-0 items-center gap-2.5 border-b border-line bg-surface pr-2.5 pl-4 max-sm:gap-1.5 max-sm:pr-1 max-sm:pl-0">
      {onBack && (
        <IconButton label={t('action.back')} onClick={onBack} size={40}>
          <BackIcon />
        </IconButton>
      )}
      <button type="button" onClick={onTogglePanel} className="flex min-w-0 flex-1 items-center gap-2.5 rounded-md text-left max-sm:min-h-11">
        <Avatar name={name} id={conversation.contact?.id} src={conversation.contact?.avatarUrl} size="sm" />
        <span className="min-w-0">
          <span className="flex items-center gap-2">
            <h2 className="truncate text-base font-semibold">{name}</h2>
            {!live && <Badge tone={conversation.status === 'RESOLVED' ? 'good' : 'neutral'}>{t(`conversationStatus.${conversation.status}`)}</Badge>}
          </span>
          <span className="flex items-center gap-1.5 truncate text-xs text-text-3">
            {isGroup && (
              <>
                <span className="flex shrink-0 items-center gap-1">
                  <UsersIcon size={13} />
                  {members ? t('group.members', { count: members }) : t('group.word')}
                </span>
                <span aria-hidden="true">·</span>
              </>
            )}
            <span className="tabular max-sm:hidden">#{conversation.number}</span>
            <span aria-hidden="true" className="max-sm:hidden">·</span>
            {queue && <><span className="truncate">{queue.name}</span><span aria-hidden="true">·</span></>}
            <span className="truncate">{mine ? t('conversation.mine') : assignee ? assignee.name : conversation.assignedTo ? t('conversation.someoneElse') : t('conversation.nobody')}</span>
          </span>
        </span>
      </button>
      {live && !mine && !conversation.assignedTo && can('conversation.assign') && (
        <Button kind="primary" icon={<UserPlusIcon size={16} />} onClick={() => void take(conversation.id)}>{t('command.take')}</Button>
      )}
      {live && !narrow && can('conversation.assign') && (
        <>
          <IconButton label={t('command.assign')} shortcut={shortcutOf('conversation.assign')} onClick={onAssign} className="@max-md:hidden"><UserIcon /></IconButton>
          <IconButton label={t('command.transfer')} shortcut={shortcutOf('conversation.transfer')} onClick={onTransfer} className="@max-md:hidden"><TransferIcon /></IconButton>
        </>
      )}
      {!narrow && (
        <IconButton label={t('command.find')} shortcut={shortcutOf('conversation.find')} aria-pressed={finding} onClick={onToggleFind} className={cx('@max-2xl:hidden', finding && 'bg-hover text-text')}><SearchIcon /></IconButton>
      )}
      {live && (mine || !narrow) && can('conversation.resolve') && (
        <Button icon={<CheckIcon size={narrow ? 20 : 16} />} onClick={() => void resolve(conversation.id)} title={shortcutOf('conversation.resolve')} aria-label={t('command.resolve')} className="max-sm:w-11 max-sm:border-transparent max-sm:bg-transparent! max-sm:px-0 max-sm:shadow-none">
          <span className="max-sm:hidden">{t('command.resolve')}</span>
        </Button>
      )}
      {conversation.status === 'RESOLVED' && can('conversation.resolve') && (
        <>
          {!narrow && can('conversation.archive') && <IconButton label={t('command.archive')} shortcut={shortcutOf('conversation.archive')} onClick={() => void archive(conversation.id)}><ArchiveIcon /></IconButton>}
          <Button icon={<ReopenIcon size={16} />} onClick={() => void reopen(conversation.id)}>{t('command.reopen')}</Button>
        </>
      )}
      {!narrow && (
        <IconButton label={t('command.panel')} shortcut={shortcutOf('conversation.panel')} aria-pressed={panelShown} onClick={onTogglePanel} className={panelShown ? 'bg-hover text-text' : undefined}>
          <PanelIcon />
        </IconButton>
      )}
      <MoreMenu />
    </header>
  )
}

/** How many are in a group, once its record is known. */
function useMembers(contactId: string | null): number {
  useQuery({
    queryKey: ['contact', contactId],
    enabled: contactId !== null && can('contact.read'),
    queryFn: async () => {
      cache.put('contact', await contacts.get(contactId!))
      return true
    },
  })
  return useRecord('contact', contactId)?.members?.length ?? 0
}

/** Every command of the conversation, from the same table as the keys. */
function MoreMenu() {
  const t = useT()
  const context = useCommandContext()
  return (
    <Menu trigger={<IconButton label={t('action.more')}><MoreIcon /></IconButton>}>
      {keysFirst(available(context))
        .filter((command) => command.group === 'conversation')
        .map((command) => (
          <MenuItem key={command.id} shortcut={shortcutWords(command.shortcut)} onSelect={() => setTimeout(() => command.perform(context), 0)}>
            {t(command.label)}
          </MenuItem>
        ))}
    </Menu>
  )
}
