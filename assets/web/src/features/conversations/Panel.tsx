import { useRecord } from '@/api/cache'
import type { Conversation, Priority } from '@/api/types'
import { shortcutOf } from '@/app/commands'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { can, useMe } from '@/app/session'
import { Button, IconButton } from '@/ui/button'
import { Skeleton } from '@/ui/feedback'
import { ArchiveIcon, CheckIcon, CloseIcon, ReopenIcon, TransferIcon, UserIcon, UserPlusIcon } from '@/ui/icons'
import { Select } from '@/ui/select'
import { Badge } from '@/ui/text'
import { archive, reopen, resolve, setPriority, take } from './actions'
import { Consents } from './PanelConsent'
import { Identities, Joined, Members, Who } from './PanelContact'
import { Attended, Notes, Previous } from './PanelHistory'
import { Fact, Group } from './PanelParts'

interface Props {
  conversationId: string
  width?: number
  onClose: () => void
  onAssign: () => void
  onTransfer: () => void
}

const PRIORITIES: readonly Priority[] = ['LOW', 'NORMAL', 'HIGH', 'URGENT']

/** Who this is, where the conversation stands, and what was before. */
export function Panel({ conversationId, width, onClose, onAssign, onTransfer }: Props) {
  const t = useT()
  const conversation = useRecord('conversation', conversationId)
  return (
    <aside aria-label={t('panel.title')} className="flex shrink-0 flex-col overflow-y-auto bg-surface max-sm:w-full" style={width ? { width } : undefined}>
      <header className="flex h-13 shrink-0 items-center justify-between border-b border-line pr-2.5 pl-4">
        <h2 className="text-base font-semibold">{t('panel.title')}</h2>
        <IconButton label={t('panel.hide')} shortcut={shortcutOf('conversation.panel')} onClick={onClose}><CloseIcon size={16} /></IconButton>
      </header>
      {conversation ? <Body conversation={conversation} onAssign={onAssign} onTransfer={onTransfer} /> : <Skeleton className="m-4 h-40" />}
    </aside>
  )
}

function Body({ conversation, onAssign, onTransfer }: { conversation: Conversation; onAssign: () => void; onTransfer: () => void }) {
  const t = useT()
  const format = useFormat()
  const me = useMe()
  const queue = useRecord('queue', conversation.queueId)
  const channel = useRecord('channel', conversation.channelId)
  const assignee = useRecord('user', conversation.assignedTo)
  const live = conversation.status === 'OPEN' || conversation.status === 'ASSIGNED'
  return (
    <div className="flex flex-col">
      <Who conversation={conversation} />
      <section className="grid grid-cols-2 gap-2 px-4 pb-4 [&>:last-child:nth-child(odd)]:col-span-2">
        {live && can('conversation.assign') && (
          <>
            {conversation.assignedTo !== me.id && <Button size="sm" kind={conversation.assignedTo ? 'plain' : 'primary'} icon={<UserPlusIcon size={15} />} onClick={() => void take(conversation.id)}>{t('command.take')}</Button>}
            <Button size="sm" icon={<UserIcon size={15} />} onClick={onAssign}>{t('conversation.assign')}</Button>
            <Button size="sm" icon={<TransferIcon size={15} />} onClick={onTransfer}>{t('conversation.transfer')}</Button>
          </>
        )}
        {live && can('conversation.resolve') && <Button size="sm" icon={<CheckIcon size={15} />} onClick={() => void resolve(conversation.id)}>{t('command.resolve')}</Button>}
        {conversation.status === 'RESOLVED' && can('conversation.resolve') && <Button size="sm" icon={<ReopenIcon size={15} />} onClick={() => void reopen(conversation.id)}>{t('command.reopen')}</Button>}
        {conversation.status === 'RESOLVED' && can('conversation.archive') && <Button size="sm" icon={<ArchiveIcon size={15} />} onClick={() => void archive(conversation.id)}>{t('command.archive')}</Button>}
      </section>
      <Group title={t('inbox.conversation')}>
        <Fact label={t('panel.status')}><Badge tone={conversation.status === 'RESOLVED' ? 'good' : conversation.status === 'OPEN' ? 'accent' : 'neutral'}>{t(`conversationStatus.${conversation.status}`)}</Badge></Fact>
        <Fact label={t('word.department')}>{queue?.name ?? t('panel.none')}</Fact>
        <Fact label={t('word.agent')}>{conversation.assignedTo === me.id ? t('word.you') : assignee?.name ?? (conversation.assignedTo ? t('conversation.someoneElse') : t('conversation.nobody'))}</Fact>
        <Fact label={t('panel.priority')}>
          {live && can('conversation.assign') ? (
            <Select quiet label={t('panel.priority')} value={conversation.priority} onChange={(priority) => void setPriority(conversation.id, priority)} options={PRIORITIES.map((value) => ({ value, label: t(`priority.${value}`) }))} className="-mr-2 text-sm!" />
          ) : (
            t(`priority.${conversation.priority}`)
          )}
        </Fact>
        <Fact label={t('word.channel')}>{channel?.name ?? t('panel.none')}</Fact>
        <Fact label={t('panel.protocol')}><span className="tabular text-xs break-all">{conversation.protocol}</span></Fact>
        <Fact label={t('panel.since')}><time dateTime={conversation.createdAt} title={format.full(conversation.createdAt)}>{format.stamp(conversation.createdAt)}</time></Fact>
        {conversation.resolvedAt && !live && <Fact label={t('panel.resolvedAt')}><time dateTime={conversation.resolvedAt} title={format.full(conversation.resolvedAt)}>{format.stamp(conversation.resolvedAt)}</time></Fact>}
      </Group>
      <Members conversation={conversation} />
      <Identities conversation={conversation} />
      <Consents conversation={conversation} />
      <Joined conversation={conversation} />
      <Notes conversation={conversation} />
      <Attended conversation={conversation} />
      <Previous conversation={conversation} />
    </div>
  )
}
