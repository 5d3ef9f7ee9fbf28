import { useEffect } from 'react'
import { channels } from '@/api/calls'
import type { Channel, ChannelNotice } from '@/api/types'
import { known, useT, wordsFor } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { socket } from '@/app/socket'
import { usePages } from '@/features/operations/data'
import { Listed, When } from '@/features/operations/lists'
import { EmptyState } from '@/ui/feedback'
import { AlertIcon, BellIcon } from '@/ui/icons'
import { Card } from '@/ui/page'

/** What the provider told of a channel beside messages, newest first; new ones appear by themselves. */
export function Notices({ channel }: { channel: Channel }) {
  const t = useT()
  const list = usePages(['channels', channel.id, 'notices'], (cursor) => channels.notices(channel.id, cursor))
  useEffect(
    () =>
      socket.listen((frame) => {
        const about = (frame.data as { id?: string } | undefined)?.id
        if (frame.type === 'channel.noticed' && about === channel.id) void queryClient.invalidateQueries({ queryKey: ['channels', channel.id, 'notices'] })
      }),
    [channel.id],
  )
  const notices = list.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Listed list={list} count={notices.length} empty={<EmptyState icon={<BellIcon />} title={t('notices.empty')}>{t('notices.emptyHint')}</EmptyState>}>
      <Card title={t('notices.title')} hint={t('notices.hint')} className="p-0">
        <ul className="divide-y divide-line">{notices.map((notice) => <li key={notice.id}><Row notice={notice} /></li>)}</ul>
      </Card>
    </Listed>
  )
}

/** Words of ours where we know the news, the provider's else. */
function Row({ notice }: { notice: ChannelNotice }) {
  const t = useT()
  const topic = known(`noticeTopic.${notice.topic}`) ? wordsFor('noticeTopic', notice.topic, 'notices.title') : null
  const remedy = known(`noticeNext.${notice.topic}`) ? wordsFor('noticeNext', notice.topic, 'notices.title') : null
  const grave = notice.topic === 'many_failures' || GRAVE.test(notice.event)
  return (
    <div className="flex items-start gap-3 px-4 py-3 text-sm">
      <span className={grave ? 'mt-0.5 text-bad' : 'mt-0.5 text-text-3'}>{grave ? <AlertIcon size={17} /> : <BellIcon size={17} />}</span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline justify-between gap-x-3">
          <span className="font-medium">{topic ?? <span lang="en" className="font-mono text-xs">{notice.topic}</span>}</span>
          <span className="text-xs text-text-3"><When at={notice.at} /></span>
        </p>
        <p className="break-words text-text-2">
          <span lang="en" className="font-mono text-xs">{notice.event}</span>
          {notice.subject && <> · {notice.subject}</>}
        </p>
        {notice.reason && <p lang="en" className="text-xs break-words text-text-3">{notice.reason}</p>}
        {remedy && <p className="mt-0.5 text-xs text-text-2">{remedy}</p>}
        {notice.raw && (
          <details className="mt-1">
            <summary className="w-fit rounded-sm text-xs text-text-3 max-sm:py-3.5">{t('notices.raw')}</summary>
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be within reach of the keys */}
            <pre tabIndex={0} lang="en" className="mt-1 max-h-72 overflow-auto rounded-md bg-sunken p-2.5 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">{JSON.stringify(notice.raw, null, 2)}</pre>
          </details>
        )}
      </div>
    </div>
  )
}

const GRAVE = /DISABLED|REJECTED|BAN|RESTRICT|FLAGGED|FAILED|LOW|RED|VIOLATION/i
