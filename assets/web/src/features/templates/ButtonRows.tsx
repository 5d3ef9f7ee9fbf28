import { useT } from '@/app/i18n'
import { Button, IconButton } from '@/ui/button'
import { Notice } from '@/ui/feedback'
import { TextField } from '@/ui/field'
import { CloseIcon, DownIcon, PlusIcon } from '@/ui/icons'
import { Menu, MenuItem } from '@/ui/menu'
import { Card } from '@/ui/page'
import type { TemplateButton } from '@/api/types'
import { KIND_MAX, LIMITS, moved, withButton, type Draft, type DraftButton } from './draft'
import { Counted } from './Editor'

const KINDS: readonly TemplateButton['kind'][] = ['QUICK_REPLY', 'URL', 'PHONE', 'COPY_CODE']

/** The buttons below a template, in the order in which they are shown. */
export function ButtonRows({ draft, onChange, problem }: { draft: Draft; onChange: (draft: Draft) => void; problem: (field: string) => string | undefined }) {
  const t = useT()
  const { buttons } = draft
  const change = (at: number, part: Partial<DraftButton>) => onChange({ ...draft, buttons: buttons.map((button, index) => (index === at ? { ...button, ...part } : button)) })
  const swap = (at: number, to: number) => {
    const next = [...buttons]
    ;[next[at], next[to]] = [next[to]!, next[at]!]
    onChange(moved(draft, next))
  }
  const room = (kind: TemplateButton['kind']) => buttons.length < LIMITS.buttons && buttons.filter((button) => button.kind === kind).length < KIND_MAX[kind]
  const add = (
    <Menu trigger={<Button size="sm" icon={<PlusIcon size={14} />} disabled={buttons.length >= LIMITS.buttons}>{t('templates.addButton')}</Button>}>
      {KINDS.map((kind) => (
        <MenuItem key={kind} disabled={!room(kind)} onSelect={() => onChange(moved(draft, withButton(buttons, kind)))}>{t(`templates.button.${kind}`)}</MenuItem>
      ))}
    </Menu>
  )
  return (
    <Card title={t('templates.buttons')} hint={t('templates.buttonsHint')} actions={add} className="flex flex-col gap-3 p-4">
      {problem('buttons') && <Notice tone="bad" role="alert">{problem('buttons')}</Notice>}
      {buttons.length === 0 && <p className="text-sm text-text-3">{t('templates.noButtons')}</p>}
      <ol className="flex flex-col gap-3">
        {buttons.map((button, at) => (
          <li key={button.key} className="flex flex-col gap-3 rounded-md border border-line bg-sunken p-3">
            <div className="flex items-center justify-between gap-2">
              <span className="text-sm font-medium">{t('templates.buttonNumber', { number: at + 1 })} <span className="font-normal text-text-3">· {t(`templates.button.${button.kind}`)}</span></span>
              <span className="flex">
                <IconButton size={28} label={t('templates.moveUp', { number: at + 1 })} disabled={at === 0} onClick={() => swap(at, at - 1)}><DownIcon size={15} className="rotate-180" /></IconButton>
                <IconButton size={28} label={t('templates.moveDown', { number: at + 1 })} disabled={at === buttons.length - 1} onClick={() => swap(at, at + 1)}><DownIcon size={15} /></IconButton>
                <IconButton size={28} label={t('templates.removeButton', { number: at + 1 })} onClick={() => onChange(moved(draft, buttons.filter((_, index) => index !== at)))}><CloseIcon size={15} /></IconButton>
              </span>
            </div>
            <div className="grid gap-3 sm:grid-cols-2">
              <Counted label={t('templates.buttonText')} max={LIMITS.buttonText} value={button.text} error={problem(`buttons.${at}.text`)} onWrite={(text) => change(at, { text })} />
              {button.kind === 'URL' && <TextField label={t('templates.buttonUrl')} hint={t('templates.buttonUrlHint')} type="url" autoComplete="off" spellCheck={false} placeholder="https://example.com/{{1}}" value={button.url} onChange={(event) => change(at, { url: event.target.value })} error={problem(`buttons.${at}.url`)} />}
              {button.kind === 'PHONE' && <TextField label={t('templates.buttonPhone')} type="tel" inputMode="tel" autoComplete="off" placeholder="+33 6 39 98 00 01" value={button.phone} onChange={(event) => change(at, { phone: event.target.value })} error={problem(`buttons.${at}.phone`)} />}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  )
}
