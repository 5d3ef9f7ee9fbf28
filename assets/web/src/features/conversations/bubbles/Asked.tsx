import type { ReactNode } from 'react'
import type { Message } from '@/api/types'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { CheckIcon, ListIcon, OpenIcon, PollIcon, ReplyIcon } from '@/ui/icons'
import { hrefOf } from './format'
import { Rich } from './Rich'

/** What somebody chose of our buttons, list or form. */
export function Choice({ choice, foot }: { choice: NonNullable<Message['choice']>; foot?: ReactNode }) {
  const t = useT()
  const answers = choice.kind === 'FLOW' ? answersOf(choice.payload) : []
  return (
    <div className="flow-root min-w-44">
      <span className="flex items-center gap-1 text-2xs font-medium opacity-75">
        <CheckIcon size={12} />
        {t(`choice.${choice.kind}`)}
      </span>
      <span className={cx('font-medium break-words', (choice.description || answers.length > 0) && 'block')}>{choice.title}</span>
      {choice.description && <span className={cx('text-sm break-words opacity-80', answers.length > 0 && 'block')}>{choice.description}</span>}
      {answers.length > 0 && (
        <dl className="mt-1 grid grid-cols-[max-content_1fr] gap-x-3 gap-y-0.5 border-t border-current/10 pt-1 text-sm">
          {answers.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="opacity-75">{name}</dt>
              <dd className="min-w-0 break-words [overflow-wrap:anywhere]">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {foot}
    </div>
  )
}

/** A form's fields as far as they are plain; what the provider adds for itself is left out. */
export function answersOf(payload: string | null | undefined): [string, string][] {
  try {
    const form: unknown = JSON.parse(payload ?? '')
    if (typeof form !== 'object' || form === null || Array.isArray(form)) return []
    return Object.entries(form)
      .filter(([name, value]) => name !== 'flow_token' && ['string', 'number', 'boolean'].includes(typeof value))
      .map(([name, value]) => [name, String(value)])
  } catch {
    return []
  }
}

/** What the provider's app draws by itself below our words. */
const SHOP: ReadonlySet<string> = new Set(['CATALOG', 'PRODUCT', 'PRODUCT_LIST', 'ORDER_DETAILS', 'ORDER_STATUS'])

/** Words with buttons, a list or a link below, as the customer sees them; nothing here can be pressed but the link. */
export function Interactive({ interactive, content, marked, foot }: { interactive: NonNullable<Message['interactive']>; content: string; marked: string; foot: ReactNode }) {
  const t = useT()
  const { kind, header, footer, buttons = [], sections = [] } = interactive
  return (
    <div className="min-w-52">
      {header && <span className="block font-semibold break-words">{header}</span>}
      {content && <Rich text={content} marked={marked} />}
      {footer && <span className="mt-0.5 block text-xs break-words opacity-75">{footer}</span>}
      {foot}
      <div className="clear-both flex flex-col gap-1 pt-1.5" role="list" aria-label={t(`interactive.${kind}`)}>
        {kind === 'LOCATION_REQUEST' && buttons.length === 0 && <Key>{t('interactive.sendLocation')}</Key>}
        {SHOP.has(kind) && <Key icon={<ListIcon size={14} />}>{t(`interactive.${kind}`)}</Key>}
        {buttons.map((button, index) => {
          const href = button.url ? hrefOf(button.url) : null
          return (
            <Key key={button.id || index} icon={href ? <OpenIcon size={14} /> : kind === 'LIST' ? <ListIcon size={14} /> : <ReplyIcon size={14} />}>
              {href ? <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="underline underline-offset-2">{button.title}</a> : button.title}
            </Key>
          )
        })}
      </div>
      {sections.length > 0 && (
        <details className="mt-1 text-sm">
          <summary className="touch text-xs font-medium opacity-85">{t('interactive.rows', { count: sections.reduce((sum, section) => sum + section.rows.length, 0) })}</summary>
          {sections.map((section, index) => (
            <div key={index} className="mt-1">
              {section.title && <p className="text-xs font-semibold opacity-75">{section.title}</p>}
              <ul className="flex flex-col gap-1">
                {section.rows.map((row) => (
                  <li key={row.id} className="rounded-sm bg-current/6 px-2 py-1">
                    {row.title}
                    {row.description && <span className="block text-xs opacity-75">{row.description}</span>}
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </details>
      )}
    </div>
  )
}

function Key({ icon, children }: { icon?: ReactNode; children: ReactNode }) {
  return (
    <span role="listitem" className="flex min-h-8 items-center justify-center gap-1.5 rounded-md border border-current/15 bg-surface/50 px-3 py-1 text-center text-sm font-medium [overflow-wrap:anywhere] dark:bg-current/5">
      {icon && <span className="opacity-70">{icon}</span>}
      {children}
    </span>
  )
}

/** A poll: what may be answered, and by how many it was. */
export function Poll({ poll, foot }: { poll: NonNullable<Message['poll']>; foot?: ReactNode }) {
  const t = useT()
  const votes = poll.options.reduce((sum, option) => sum + option.votes, 0)
  const most = Math.max(0, ...poll.options.map((option) => option.votes))
  return (
    <div className="w-72 max-w-full">
      <span className="flex items-center gap-1 text-2xs font-medium opacity-75"><PollIcon size={12} />{t(poll.choicesMax === 1 ? 'poll.one' : 'poll.many')}</span>
      <p className="font-medium break-words">{poll.question}</p>
      <ul className="mt-1.5 flex flex-col gap-2">
        {poll.options.map((option, index) => (
          <li key={index}>
            <span className="flex items-baseline gap-2 text-sm">
              <span className="min-w-0 flex-1 break-words">{option.name}</span>
              <span className="tabular text-xs opacity-80" aria-label={t('poll.votes', { count: option.votes })}>{option.votes}</span>
            </span>
            <span aria-hidden="true" className="mt-1 block h-1.5 overflow-hidden rounded-full bg-current/12">
              <span className={cx('block h-full rounded-full', option.votes === most && most > 0 ? 'bg-current/75' : 'bg-current/40')} style={{ width: `${votes > 0 ? (option.votes / votes) * 100 : 0}%` }} />
            </span>
          </li>
        ))}
      </ul>
      <div className="mt-1 flow-root"><span className="text-xs opacity-75">{t('poll.votes', { count: votes })}</span>{foot}</div>
    </div>
  )
}
