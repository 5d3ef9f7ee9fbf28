import { Link } from '@tanstack/react-router'
import type { Message } from '@/api/types'
import { known, useT, type Translate } from '@/app/i18n'
import { phoneWords } from '@/lib/phone'
import { Avatar } from '@/ui/avatar'
import { MailIcon, PhoneIcon, PinIcon, SearchIcon } from '@/ui/icons'
import { hrefOf } from './format'

type Card = NonNullable<Message['contacts']>[number]

/** Business cards: each number can be called, or looked for among the firm's own conversations. */
export function Cards({ cards }: { cards: readonly Card[] }) {
  return (
    <div className="flex w-72 max-w-full flex-col gap-1">
      {cards.map((card, index) => <One key={index} card={card} />)}
    </div>
  )
}

/** What phones call their owner's numbers: in words where it is one of the usual names. */
function labelWords(label: string, t: Translate): string {
  const id = `cardLabel.${label.toLowerCase()}`
  return known(id) ? t(id) : label.toLocaleLowerCase()
}

function One({ card }: { card: Card }) {
  const t = useT()
  const facts = [...(card.emails ?? []).map((line) => ({ ...line, Icon: MailIcon, href: hrefOf(line.value) })), ...(card.urls ?? []).map((line) => ({ ...line, Icon: null, href: hrefOf(line.value) })), ...(card.addresses ?? []).map((line) => ({ ...line, Icon: PinIcon, href: null }))]
  return (
    <div className="rounded-lg bg-current/6 p-2.5">
      <div className="flex items-center gap-2.5">
        <Avatar name={card.name} size="md" />
        <span className="min-w-0">
          <span className="block truncate text-sm font-medium">{card.name}</span>
          {card.organisation && <span className="block truncate text-xs opacity-80">{card.organisation}</span>}
        </span>
      </div>
      {(card.phones ?? []).map((phone) => {
        const number = phone.number.trim()
        const digits = number.replace(/[^\d+]/g, '')
        return (
          <div key={number} className="mt-1.5 flex items-center gap-1.5 border-t border-current/10 pt-1.5 text-sm">
            <a href={`tel:${digits}`} className="touch flex min-w-0 flex-1 items-center gap-2 hover:underline">
              <PhoneIcon size={15} className="shrink-0 opacity-70" />
              <span className="tabular truncate">{phoneWords(number)}</span>
              {phone.label && <span className="truncate text-xs opacity-70">{labelWords(phone.label, t)}</span>}
            </a>
            <Link to="/search" search={{ q: digits.replace('+', '') }} aria-label={t('bubble.findNumber', { number: phoneWords(number) })} title={t('bubble.findNumber', { number: phoneWords(number) })} className="touch inline-flex size-7 shrink-0 items-center justify-center rounded-md opacity-75 hover:bg-current/10 hover:opacity-100">
              <SearchIcon size={15} />
            </Link>
          </div>
        )
      })}
      {facts.map(({ value, href, Icon }) => (
        <p key={value} className="mt-1 flex items-start gap-2 text-xs break-words [overflow-wrap:anywhere]">
          {Icon && <Icon size={14} className="mt-px shrink-0 opacity-70" />}
          {href ? <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="underline underline-offset-2">{value}</a> : value}
        </p>
      ))}
    </div>
  )
}
