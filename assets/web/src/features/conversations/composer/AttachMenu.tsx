import { useRef, useState, type ReactNode } from 'react'
import { useT, type MessageId } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { PHONE, useMedia } from '@/lib/media'
import { IconButton } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ButtonsIcon, CardIcon, ClipIcon, FileIcon, LinkIcon, ListIcon, PictureIcon, PinIcon, PollIcon, TemplateIcon } from '@/ui/icons'
import { Menu, MenuItem, MenuSeparator } from '@/ui/menu'
import type { Abilities } from './abilities'
import type { Ability } from './contract'
import type { Tool } from './tools'

interface Item {
  id: Tool | 'files' | 'pictures'
  label: MessageId
  icon: ReactNode
  /** One of these is enough. */
  needs: readonly Ability[]
}

const FILES: readonly Item[] = [
  { id: 'pictures', label: 'composer.attach.pictures', icon: <PictureIcon size={17} />, needs: ['IMAGE', 'VIDEO'] },
  { id: 'files', label: 'composer.attach.files', icon: <FileIcon size={17} />, needs: ['DOCUMENT', 'AUDIO', 'IMAGE', 'VIDEO'] },
]
const MORE: readonly Item[] = [
  { id: 'location', label: 'composer.attach.location', icon: <PinIcon size={17} />, needs: ['LOCATION'] },
  { id: 'card', label: 'composer.attach.card', icon: <CardIcon size={17} />, needs: ['CONTACT'] },
  { id: 'BUTTONS', label: 'composer.attach.buttons', icon: <ButtonsIcon size={17} />, needs: ['BUTTONS'] },
  { id: 'LIST', label: 'composer.attach.list', icon: <ListIcon size={17} />, needs: ['LIST'] },
  { id: 'LINK', label: 'composer.attach.link', icon: <LinkIcon size={17} />, needs: ['URL_BUTTON'] },
  { id: 'poll', label: 'composer.attach.poll', icon: <PollIcon size={17} />, needs: ['POLL'] },
  { id: 'template', label: 'composer.attach.template', icon: <TemplateIcon size={17} />, needs: ['TEMPLATE'] },
]

/** All that can be sent beside words. What the channel does not carry is named as such, not hidden. */
export function AttachMenu({ abilities, onFiles, onTool, className }: { abilities: Abilities; onFiles: (files: Iterable<File>) => void; onTool: (tool: Tool) => void; className?: string }) {
  const t = useT()
  const phone = useMedia(PHONE)
  const [sheet, setSheet] = useState(false)
  const pictures = useRef<HTMLInputElement>(null)
  const any = useRef<HTMLInputElement>(null)
  const pick = (id: Item['id']) => {
    setSheet(false)
    if (id === 'pictures') pictures.current?.click()
    else if (id === 'files') any.current?.click()
    else onTool(id)
  }
  const carried = (item: Item) => item.needs.some(abilities.has)
  const missing = [...FILES, ...MORE].filter((item) => !carried(item))
  const why = missing.length > 0 && <p className="max-w-60 px-2 pt-1 pb-1.5 text-2xs text-text-3">{t('composer.attach.notCarried', { what: missing.map((item) => t(item.label)).join(', ') })}</p>
  const inputs = (
    <>
      <Chooser ref={pictures} accept="image/*,video/*" label={t('composer.attach.pictures')} onFiles={onFiles} />
      <Chooser ref={any} label={t('composer.attach.files')} onFiles={onFiles} />
    </>
  )
  if (phone) {
    return (
      <>
        {inputs}
        <button type="button" aria-label={t('composer.attach')} aria-haspopup="dialog" onClick={() => setSheet(true)} className={cx('inline-flex size-11 items-center justify-center rounded-md text-text-3', className)}><ClipIcon size={20} /></button>
        <Dialog open={sheet} onOpenChange={setSheet} title={t('composer.attach')} closeLabel={t('action.close')} sheet>
          <ul className="grid grid-cols-3 gap-2">
            {[...FILES, ...MORE].filter(carried).map((item) => (
              <li key={item.id}>
                <button type="button" onClick={() => pick(item.id)} className="flex h-20 w-full flex-col items-center justify-center gap-1.5 rounded-lg bg-sunken px-1 text-center text-sm leading-tight text-text-2 [&_svg]:size-6">
                  {item.icon}
                  {t(item.label)}
                </button>
              </li>
            ))}
          </ul>
          {why}
        </Dialog>
      </>
    )
  }
  return (
    <>
      {inputs}
      <Menu side="top" align="start" trigger={<IconButton size={28} label={t('composer.attach')} className={className}><ClipIcon size={17} /></IconButton>}>
        {FILES.filter(carried).map((item) => <MenuItem key={item.id} icon={item.icon} onSelect={() => pick(item.id)}>{t(item.label)}</MenuItem>)}
        {MORE.some(carried) && <MenuSeparator />}
        {MORE.filter(carried).map((item) => <MenuItem key={item.id} icon={item.icon} onSelect={() => pick(item.id)}>{t(item.label)}</MenuItem>)}
        {why && <MenuSeparator />}
        {why}
      </Menu>
    </>
  )
}

function Chooser({ ref, accept, label, onFiles }: { ref: React.Ref<HTMLInputElement>; accept?: string; label: string; onFiles: (files: Iterable<File>) => void }) {
  return (
    <input
      ref={ref}
      type="file"
      multiple
      accept={accept}
      hidden
      aria-label={label}
      onChange={(event) => {
        onFiles([...(event.target.files ?? [])])
        // The same file may be chosen once more.
        event.target.value = ''
      }}
    />
  )
}
