import { useFormat } from '@/app/format'
import { useT, type MessageId } from '@/app/i18n'
import { phoneWords } from '@/lib/phone'
import { InfoIcon, LockIcon, PhoneIcon, UsersIcon } from '@/ui/icons'
import type { Shown } from './contract'

/** What the provider says happened, as a line across the thread: nobody wrote it. */
export function Notice({ message }: { message: Shown }) {
  const t = useT()
  const format = useFormat()
  const { notice } = message
  const kind = notice?.kind ?? 'OTHER'
  const Icon = kind === 'CALL' ? PhoneIcon : kind === 'GROUP_CHANGED' ? UsersIcon : kind === 'IDENTITY_CHANGED' ? LockIcon : InfoIcon
  const [before, after] = [notice?.before, notice?.after].map((value) => (value ? phoneWords(value) : ''))
  const id: MessageId = kind === 'NUMBER_CHANGED' && before && after ? 'notice.NUMBER_CHANGED.fromTo' : `notice.${kind}`
  // The provider's own words say more than ours where it wrote some; a mere sign is none.
  const words = /\p{L}/u.test(message.content) ? message.content : t(id, { before: before!, after: after! })
  return (
    <div className="mx-auto flex w-fit max-w-[min(32rem,92%)] items-start gap-1.5 rounded-full border border-line bg-sunken px-3 py-1 text-center text-xs text-text-2 [border-radius:0.9rem]">
      <Icon size={13} className="mt-0.5 shrink-0" />
      <span className="min-w-0 break-words [overflow-wrap:anywhere]">
        {words} <time dateTime={message.createdAt} title={format.full(message.createdAt)} className="tabular text-text-3">{format.time(message.createdAt)}</time>
      </span>
    </div>
  )
}
