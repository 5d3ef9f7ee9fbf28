import { useId, useMemo, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useRecords } from '@/api/cache'
import type { Conversation } from '@/api/types'
import { useT } from '@/app/i18n'
import { useMe } from '@/app/session'
import { cx } from '@/lib/cx'
import { fold } from '@/lib/fold'
import { Avatar } from '@/ui/avatar'
import { Dialog } from '@/ui/dialog'
import { CheckIcon, QueueIcon, UserIcon } from '@/ui/icons'
import { assign, transfer } from './actions'

interface Props {
  conversation: Conversation
  open: boolean
  onOpenChange: (open: boolean) => void
}

export function AssignDialog({ conversation, open, onOpenChange }: Props) {
  const t = useT()
  const me = useMe()
  const users = useRecords('user')
  const order = { ONLINE: 0, AWAY: 1, OFFLINE: 2 }
  const choices: Choice[] = [
    { id: me.id, words: t('handover.me', { name: me.name }), icon: <Avatar name={me.name} id={me.id} size="sm" presence="ONLINE" /> },
    ...users
      .filter((user) => user.isActive && user.id !== me.id)
      .sort((a, b) => order[a.status] - order[b.status] || a.name.localeCompare(b.name))
      .map((user) => ({ id: user.id, words: user.name, aside: t(`presence.${user.status}`), icon: <Avatar name={user.name} id={user.id} size="sm" presence={user.status} /> })),
  ]
  if (conversation.assignedTo) choices.push({ id: '', words: t('handover.nobody'), icon: <UserIcon size={18} /> })
  return (
    <Pick
      open={open}
      onOpenChange={onOpenChange}
      title={t('handover.assignTitle')}
      choices={choices}
      current={conversation.assignedTo ?? ''}
      onPick={(id) => void assign(conversation.id, id || null)}
    />
  )
}

export function TransferDialog({ conversation, open, onOpenChange }: Props) {
  const t = useT()
  const queues = useRecords('queue')
  return (
    <Pick
      open={open}
      onOpenChange={onOpenChange}
      title={t('handover.transferTitle')}
      choices={queues.map((queue) => ({ id: queue.id, words: queue.name, icon: <QueueIcon size={18} /> }))}
      current={conversation.queueId ?? ''}
      onPick={(id) => void transfer(conversation.id, id)}
    />
  )
}

interface Choice {
  id: string
  words: string
  aside?: string
  icon: ReactNode
}

/** A short list one types into: the first match is one Enter away. */
function Pick({ open, onOpenChange, ...body }: { open: boolean; onOpenChange: (open: boolean) => void; title: string; choices: readonly Choice[]; current: string; onPick: (id: string) => void }) {
  const t = useT()
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={body.title} closeLabel={t('action.close')} width="sm" high bare>
      <PickBody {...body} close={() => onOpenChange(false)} />
    </Dialog>
  )
}

function PickBody({ title, choices, current, onPick, close }: { title: string; choices: readonly Choice[]; current: string; onPick: (id: string) => void; close: () => void }) {
  const t = useT()
  const id = useId()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const shown = useMemo(() => choices.filter((choice) => fold(choice.words).includes(fold(text.trim()))), [choices, text])
  const at = Math.min(chosen, shown.length - 1)
  const pick = (choice: Choice | undefined) => {
    if (!choice) return
    close()
    onPick(choice.id)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && shown.length > 0) {
      event.preventDefault()
      setChosen((at + step + shown.length) % shown.length)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      pick(shown[at])
    }
  }
  return (
    <>
      <input
        autoFocus
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={shown[at] ? `${id}-${at}` : undefined}
        aria-label={title}
        placeholder={title}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setChosen(0)
        }}
        onKeyDown={onKeyDown}
        className="h-11 border-b border-line bg-transparent px-4 text-base outline-none"
      />
      <div id={`${id}-list`} role="listbox" aria-label={title} className="max-h-80 overflow-y-auto p-1.5">
        {shown.map((choice, index) => (
          <div
            key={choice.id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onPointerMove={() => setChosen(index)}
            onClick={() => pick(choice)}
            onKeyDown={onKeyDown}
            className={cx('flex min-h-10 items-center gap-3 rounded-md px-2.5 text-sm', index === at && 'bg-hover')}
          >
            <span className="inline-flex w-7 justify-center text-text-3">{choice.icon}</span>
            <span className="min-w-0 flex-1 truncate">{choice.words}</span>
            {choice.aside && <span className="text-xs text-text-3">{choice.aside}</span>}
            {choice.id === current && <CheckIcon size={15} className="text-accent-text" />}
          </div>
        ))}
        {shown.length === 0 && <p className="px-2.5 py-6 text-center text-sm text-text-3">{t('palette.nothing')}</p>}
      </div>
    </>
  )
}
