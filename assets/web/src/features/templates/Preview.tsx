import { useState, type ReactNode } from 'react'
import type { Template, TemplateButton } from '@/api/types'
import { useT } from '@/app/i18n'
import { useFormat } from '@/app/format'
import { Rich } from '@/features/conversations/bubbles/Rich'
import { filled } from '@/features/conversations/composer/templates'
import { CopyIcon, FileIcon, LinkIcon, ListIcon, PhoneIcon, PictureIcon, PinIcon, ReplyIcon, VideoIcon } from '@/ui/icons'

type Shown = Pick<Template, 'category' | 'header' | 'body' | 'footer' | 'buttons' | 'variables'>

/** A template as its reader will see it, in a phone's chat. Gaps show their examples. */
export function Preview({ template, picture }: { template: Shown; picture?: string | null }) {
  const t = useT()
  const format = useFormat()
  const [now] = useState(() => new Date().toISOString())
  const examples = Object.fromEntries(template.variables.map(({ name, example }) => [name, example ?? '']))
  const code = template.category === 'AUTHENTICATION'
  const { header, body, footer } = filled(template as Template, examples)
  const words = code && !body ? t('templates.codeBody') : body
  return (
    <section aria-label={t('composer.preview')} className="overflow-hidden rounded-xl border border-line bg-canvas shadow-xs">
      <div className="flex flex-col gap-1.5 bg-[radial-gradient(var(--line)_1px,transparent_1px)] bg-size-[14px_14px] px-3 pt-4 pb-5">
        <div className="max-w-80 overflow-hidden rounded-xl rounded-tl-sm border border-bubble-in-line bg-bubble-in text-text shadow-xs">
          {template.header && template.header.kind !== 'TEXT' && <Head kind={template.header.kind} picture={picture} />}
          <div className="flex flex-col gap-1 px-3 pt-2 pb-1.5">
            {header && <p className="text-base font-semibold break-words">{header}</p>}
            {words ? <div className="text-base"><Rich text={words} /></div> : <p className="text-base text-text-3 italic">{t('templates.bodyEmpty')}</p>}
            {footer && <p className="text-xs break-words text-text-3">{footer}</p>}
            <span aria-hidden="true" className="tabular self-end text-2xs text-text-3">{format.time(now)}</span>
          </div>
          {template.buttons.length > 0 && (
            <ul aria-label={t('templates.buttons')}>
              {template.buttons.map((button, index) => (
                <li key={index} title={button.url ?? button.phone ?? undefined} className="flex min-h-10 items-center justify-center gap-1.5 border-t border-bubble-in-line px-3 py-1 text-center text-sm font-medium break-words text-read">
                  {ICONS[button.kind]}
                  {button.text || (button.kind === 'COPY_CODE' ? t('templates.copyCode') : '…')}
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </section>
  )
}

const ICONS: Record<TemplateButton['kind'], ReactNode> = { QUICK_REPLY: <ReplyIcon size={14} />, URL: <LinkIcon size={14} />, PHONE: <PhoneIcon size={14} />, COPY_CODE: <CopyIcon size={14} />, FLOW: <ListIcon size={14} />, CATALOG: <ListIcon size={14} /> }
const HEADS = { IMAGE: PictureIcon, VIDEO: VideoIcon, DOCUMENT: FileIcon, LOCATION: PinIcon }

/** What stands above the words: the picture itself where it is known, else its place. */
function Head({ kind, picture }: { kind: keyof typeof HEADS; picture?: string | null }) {
  const t = useT()
  if (kind === 'IMAGE' && picture) return <img src={picture} alt={t('templates.headerKind.IMAGE')} className="aspect-[1.91] w-full object-cover" />
  const Icon = HEADS[kind]
  return (
    <span className={`flex w-full flex-col items-center justify-center gap-1 bg-sunken text-text-3 ${kind === 'DOCUMENT' ? 'py-4' : 'aspect-[1.91]'}`}>
      <Icon size={28} />
      <span className="text-xs">{t(`templates.headerKind.${kind}`)}</span>
    </span>
  )
}
