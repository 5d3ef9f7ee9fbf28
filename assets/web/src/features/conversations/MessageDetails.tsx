import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useRecord } from '@/api/cache'
import { messages } from '@/api/calls'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT, type MessageId } from '@/app/i18n'
import { phoneWords } from '@/lib/phone'
import { Dialog } from '@/ui/dialog'
import { Notice, Skeleton } from '@/ui/feedback'
import { sizeWords } from './composer/files'
import { originOf } from './origin'
import { senderOf } from './sender'
import { Timeline } from './bubbles/Timeline'
import { typeWords } from './words'

/** When a message went through which gate, and what the provider really sent. */
export function MessageDetails({ messageId, onClose }: { messageId: string | null; onClose: () => void }) {
  const t = useT()
  return (
    <Dialog open={messageId !== null} onOpenChange={(open) => !open && onClose()} title={t('details.title')} closeLabel={t('action.close')} width="lg">
      {messageId && <Details id={messageId} />}
    </Dialog>
  )
}

function Details({ id }: { id: string }) {
  const t = useT()
  const format = useFormat()
  const message = useRecord('message', id)
  const whole = useQuery({ queryKey: ['message', id], queryFn: () => messages.get(id), staleTime: 0 })
  if (!message) return <Notice>{t('thread.gone')}</Notice>
  const times: [MessageId, string | null | undefined][] = [
    ['details.created', message.createdAt],
    ['details.sent', message.sentAt],
    ['details.delivered', message.deliveredAt],
    ['details.read', message.readAt],
  ]
  const { media } = message
  const { referral, forwarded, product } = originOf(message.metadata)
  const facts: [MessageId, ReactNode][] = [
    ['details.status', message.direction === 'OUTBOUND' && !message.isPrivate ? t(`status.${message.status}`) : null],
    ['details.type', typeWords(message.type, message.media?.isVoice)],
    ['details.sender', message.author ? [message.author.name, phoneWords(message.author.address)].filter(Boolean).join(' · ') : senderOf(message.senderId, message.senderName)],
    ['details.template', message.template && `${message.template.name} · ${message.template.language}`],
    ['details.file', media && [media.fileName, media.mime, media.bytes ? sizeWords(media.bytes) : '', media.width && media.height ? `${media.width} × ${media.height}` : ''].filter(Boolean).join(' · ')],
    ['details.failure', message.error ? [message.error.code, message.error.reason].filter(Boolean).join(' · ') : null],
    ['details.cameBy', referral && [t(`origin.${referral.kind}`), referral.headline, referral.body].filter(Boolean).join(' · ')],
    ['details.cameFrom', referral?.address && <a key="address" href={referral.address} target="_blank" rel="noopener noreferrer nofollow" className="text-accent-text underline underline-offset-2">{referral.address}</a>],
    ['details.product', product],
    ['details.forwarded', forwarded && t(`origin.forwarded.${forwarded}`)],
    ['details.id', message.id],
    ['details.externalId', message.externalId],
  ]
  return (
    <div className="flex flex-col gap-5">
      <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1.5 text-sm">
        {[...times.map(([label, at]) => [label, at ? format.exact(at) : null] as const), ...facts].map(
          ([label, value]) =>
            value && (
              <div key={label} className="contents">
                <dt className="text-text-3">{t(label)}</dt>
                <dd className="tabular min-w-0 break-all">{value}</dd>
              </div>
            ),
        )}
      </dl>
      <Timeline message={message} />
      <section>
        <h3 className="mb-1.5 text-sm font-medium">{t('details.raw')}</h3>
        {whole.isPending ? (
          <Skeleton className="h-24" />
        ) : whole.error ? (
          <Notice tone="bad">{errorWords(whole.error)}</Notice>
        ) : whole.data.raw === undefined || whole.data.raw === null ? (
          <p className="text-sm text-text-3">{t('details.noRaw')}</p>
        ) : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls, so the keyboard must reach it
          <pre tabIndex={0} className="max-h-80 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs">{pretty(whole.data.raw)}</pre>
        )}
      </section>
    </div>
  )
}

function pretty(raw: unknown): string {
  if (typeof raw !== 'string') return JSON.stringify(raw, null, 2)
  try {
    return JSON.stringify(JSON.parse(raw), null, 2)
  } catch {
    return raw
  }
}
