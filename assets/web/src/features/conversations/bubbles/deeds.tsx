import type { ReactNode } from 'react'
import { useT } from '@/app/i18n'
import { CopyIcon, HideIcon, InfoIcon, PassOnIcon, PencilIcon, ReplyIcon, TrashIcon } from '@/ui/icons'
import { ask } from '@/ui/ask'
import { startEdit } from '../composer/state'
import { allowed, copyWords, remove } from './acts'
import type { Shown } from './contract'
import { closeOver, showOver } from './over'
import { usePlace } from './place'

export interface Deed {
  id: string
  label: string
  icon: ReactNode
  isDangerous?: boolean
  perform: () => void
}

/** What can be done with a message now: menu on a desk and sheet on a phone show the same. */
export function useDeeds(message: Shown): Deed[] {
  const t = useT()
  const place = usePlace()
  const may = allowed(message, place)
  const deeds: (Deed | false)[] = [
    may.reply && { id: 'reply', label: t('command.reply'), icon: <ReplyIcon size={16} />, perform: () => place.reply(message.id) },
    may.forward && { id: 'forward', label: t('forward.open'), icon: <PassOnIcon size={16} />, perform: () => showOver({ kind: 'forward', messageId: message.id }) },
    may.copy && { id: 'copy', label: t('bubble.copy'), icon: <CopyIcon size={16} />, perform: () => void copyWords(message) },
    may.edit && { id: 'edit', label: t('bubble.edit'), icon: <PencilIcon size={16} />, perform: () => startEdit(message) },
    { id: 'details', label: t('thread.details'), icon: <InfoIcon size={16} />, perform: () => place.details(message.id) },
    may.revoke && { id: 'revoke', label: t('remove.everyoneOpen'), icon: <TrashIcon size={16} />, isDangerous: true, perform: () => void goneFor(true) },
    may.remove && !may.revoke && { id: 'hide', label: t('remove.hereOpen'), icon: <HideIcon size={16} />, isDangerous: true, perform: () => void goneFor(false) },
  ]
  return deeds.filter((deed) => deed !== false)

  async function goneFor(everyone: boolean): Promise<void> {
    closeOver()
    const yes = await ask({
      title: t(everyone ? 'remove.everyoneTitle' : 'remove.hereTitle'),
      words: t(everyone ? 'remove.everyone' : 'remove.here'),
      confirm: t(everyone ? 'remove.everyoneYes' : 'remove.hereYes'),
      danger: true,
    })
    if (yes) await remove(message, place.me, everyone)
  }
}
