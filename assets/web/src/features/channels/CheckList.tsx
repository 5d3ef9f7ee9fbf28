import { useMutation } from '@tanstack/react-query'
import { cache } from '@/api/cache'
import { channels } from '@/api/calls'
import type { Channel, ChannelCheck } from '@/api/types'
import { known, useT, wordsFor } from '@/app/i18n'
import { AlertIcon, CheckIcon } from '@/ui/icons'

/** Asks Meta whether the channel works, and our own address whether it answers. */
export function useCheck(channel: Channel) {
  return useMutation({
    mutationFn: async () => {
      const answer = await channels.check(channel.id)
      cache.put('channel', answer.channel)
      return answer
    },
  })
}

/** What was looked at, and why something is not well. */
export function CheckList({ checks }: { checks: ChannelCheck['checks'] }) {
  const t = useT()
  return (
    <ul className="flex flex-col gap-1.5">
      {checks.map((one) => (
        <li key={one.code} className="flex items-start gap-2 text-sm">
          {one.ok ? <CheckIcon size={16} className="mt-0.5 shrink-0 text-good" role="img" aria-hidden={false} aria-label={t('welcome.done')} /> : <AlertIcon size={16} className="mt-0.5 shrink-0 text-bad" role="img" aria-hidden={false} aria-label={t('welcome.notYet')} />}
          <span className="min-w-0">
            {wordsFor('check', one.code, one.ok ? 'check.ok' : 'check.failed')}
            <Why check={one} />
          </span>
        </li>
      ))}
    </ul>
  )
}

/** What to do where we know it ourselves, else what Meta says, in its words. */
function Why({ check }: { check: ChannelCheck['checks'][number] }) {
  const t = useT()
  const own = `check.${check.code}.hint`
  if (!check.ok && known(own)) return <span className="block text-xs text-text-3">{t(own)}</span>
  return check.detail ? <span className="block text-xs break-words text-text-3" lang="en">{check.detail}</span> : null
}
