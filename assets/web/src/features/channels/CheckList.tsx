import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { cache } from '@/api/cache'
import { channels } from '@/api/calls'
import type { Channel, CheckItem } from '@/api/types'
import { useFormat } from '@/app/format'
import { known, useT, wordsFor } from '@/app/i18n'
import { phoneWords } from '@/lib/phone'
import { AlertIcon, CheckIcon } from '@/ui/icons'

/** Asks the provider whether the channel works, and our own address whether it answers. */
export function useCheck(channel: Channel) {
  return useMutation({
    mutationFn: async () => {
      const answer = await channels.check(channel.id)
      cache.put('channel', answer.channel)
      return answer
    },
  })
}

/** What was looked at, why something is not well, and what stands beside it to mend it. */
export function CheckList({ checks, kind, remedy }: { checks: readonly CheckItem[]; kind?: Channel['kind']; remedy?: (item: CheckItem) => ReactNode }) {
  const t = useT()
  return (
    <ul className="flex flex-col gap-1.5">
      {checks.map((one) => (
        <li key={one.code} className="flex items-start gap-2 text-sm max-sm:flex-wrap">
          {one.ok ? <CheckIcon size={16} className="mt-0.5 shrink-0 text-good" role="img" aria-hidden={false} aria-label={t('welcome.done')} /> : <AlertIcon size={16} className="mt-0.5 shrink-0 text-bad" role="img" aria-hidden={false} aria-label={t('welcome.notYet')} />}
          <span className="min-w-0 flex-1 basis-48">
            {wordsFor('check', idOf(waits(one) ? 'inbound_waiting' : one.code, kind), one.ok ? 'check.ok' : 'check.failed')}
            <Why check={one} kind={kind} />
          </span>
          {!one.ok && remedy && <span className="shrink-0 max-sm:w-full max-sm:pl-6 max-sm:empty:hidden">{remedy(one)}</span>}
        </li>
      ))}
    </ul>
  )
}

/** Nothing is wrong with a channel that was connected today and has heard nothing yet, and nothing is proved. */
const waits = ({ code, ok, reason }: CheckItem) => code === 'inbound' && ok && reason === 'never'

/** The other kind's server is not Meta's, nor is its key a token. */
export const idOf = (code: string, kind?: Channel['kind']) => (kind === 'waha' && known(`check.waha_${code}`) ? `waha_${code}` : code)

/** What to do where we know it ourselves, else what the provider says, in its words. */
function Why({ check, kind }: { check: CheckItem; kind?: Channel['kind'] }) {
  const t = useT()
  const format = useFormat()
  const own = `check.${idOf(check.code, kind)}.hint`
  const state = `sessionState.${check.detail?.toUpperCase()}`
  const reason = `checkReason.${check.reason}`
  if (!check.ok && check.reason && known(reason)) return <span className="block text-xs break-words text-text-3">{t(reason, check.params ?? {})}</span>
  // Strangers knock at every door of the net: told, and no illness.
  const { refused, badAt } = check.params ?? {}
  if (check.ok && check.code === 'signature' && refused && badAt) return <span className="block text-xs text-text-3">{t('check.signature.refused', { count: Number(refused), at: format.relative(badAt) })}</span>
  if (!check.ok && known(own)) return <span className="block text-xs text-text-3">{t(own)}</span>
  const quality = `channelQuality.${check.detail}`
  if (check.code === 'quality' && known(quality)) return <span className="block text-xs text-text-3">{t(quality)}</span>
  if (check.code === 'session' && known(state)) return <span className="block text-xs text-text-3">{t(state)}</span>
  return check.detail ? <span className="block text-xs break-words text-text-3" lang="en">{phoneWords(check.detail)}</span> : null
}
