import type { ReactNode } from 'react'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/feedback'

interface Asked {
  error: unknown
  isPending: boolean
  isFetchingNextPage: boolean
  hasNextPage: boolean
  refetch: () => unknown
  fetchNextPage: () => unknown
}

/** The states every list here has: failed, loading, empty, there, and more to come. */
export function Listed({ list, count, empty, children }: { list: Asked; count: number; empty: ReactNode; children: ReactNode }) {
  const t = useT()
  if (list.error && count === 0) return <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void list.refetch()}>{t('action.retry')}</Button>}>{errorWords(list.error)}</Notice>
  if (list.isPending) return <Skeleton shape="box" className="h-40" />
  if (count === 0) return <div className="rounded-lg border border-line bg-surface shadow-xs">{empty}</div>
  return (
    <>
      {list.error ? <Notice tone="warn">{errorWords(list.error)}</Notice> : null}
      {children}
      {list.hasNextPage && <Button className="self-center" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('list.more')}</Button>}
    </>
  )
}

/** An instant: how far away, and exactly on hover. */
export function When({ at }: { at: string | null | undefined }) {
  const format = useFormat()
  if (!at) return <span className="text-text-3">–</span>
  return <time dateTime={at} title={format.full(at)} className="whitespace-nowrap">{format.relative(at)}</time>
}

/** The program's own name of something, for whoever looks it up. */
export function Code({ children }: { children: string }) {
  return <span className="block font-mono text-xs break-all text-text-3" lang="en">{children}</span>
}
