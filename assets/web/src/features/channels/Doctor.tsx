import { useMutation } from '@tanstack/react-query'
import { useEffect } from 'react'
import { channels } from '@/api/calls'
import type { Channel, CheckItem } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useT, wordsFor } from '@/app/i18n'
import { go } from '@/app/go'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/feedback'
import { Card } from '@/ui/page'
import { toast } from '@/ui/toasts'
import { CheckList, idOf, useCheck } from './CheckList'
import { wahaOf } from './form'

/** What only a person can give, and the screen where they give it. */
const PLACES: Record<string, 'settings' | 'firm' | 'templates'> = {
  token: 'settings',
  number: 'settings',
  business_account: 'settings',
  app_secret: 'settings',
  hmac_key: 'settings',
  reachable: 'settings',
  signature: 'settings',
  public_address: 'firm',
  webhook: 'firm',
  templates: 'templates',
  quality: 'templates',
}

const standing = (channel: Channel) => `${channel.status} ${wahaOf(channel)?.sessionState ?? ''}`

/** Looks at everything a channel needs, says why something is not well, and mends what can be mended from here. */
export function Doctor({ channel }: { channel: Channel }) {
  const t = useT()
  const check = useCheck(channel)
  const { mutate } = check
  const mend = useMutation({
    mutationFn: (code: string) => channels.repair(channel.id, code),
    onSuccess: () => mutate(),
    onError: (error) => toast(errorWords(error), { tone: 'bad' }),
  })
  // Once somebody looked, the list follows the channel: what another desk or the provider changes is looked at again.
  const looked = check.data && standing(check.data.channel)
  const now = standing(channel)
  useEffect(() => {
    if (looked !== undefined && looked !== now) mutate()
  }, [looked, now, mutate])
  const remedy = (item: CheckItem) => {
    const label = wordsFor('check', idOf(item.code, channel.kind), 'check.failed')
    if (item.repair) {
      return (
        <Button size="sm" busy={mend.isPending && mend.variables === item.repair} aria-label={`${wordsFor('repair', item.repair, 'repair.other')}: ${label}`} onClick={() => mend.mutate(item.repair!)}>
          {wordsFor('repair', item.repair, 'repair.other')}
        </Button>
      )
    }
    const place = PLACES[item.code]
    if (!place) return null
    return (
      <Button size="sm" kind="quiet" aria-label={`${t(`repair.to.${place}`)}: ${label}`} onClick={() => go(place === 'settings' ? `/settings/channels/${channel.id}?show=settings` : `/settings/${place}`)}>
        {t(`repair.to.${place}`)}
      </Button>
    )
  }
  const failed = check.data?.checks.filter((one) => !one.ok).length ?? 0
  return (
    <Card
      title={t('channel.checkTitle')}
      hint={t(channel.kind === 'waha' ? 'channel.checkHintWaha' : 'channel.checkHint')}
      actions={<Button busy={check.isPending} onClick={() => mutate()}>{t('welcome.check')}</Button>}
      className="p-4"
    >
      <div aria-live="polite" className="flex flex-col gap-3">
        {check.error ? (
          <Notice tone="bad" role="alert">{errorWords(check.error)}</Notice>
        ) : check.data ? (
          <>
            <p className="text-sm font-medium">{failed === 0 ? t('check.allWell') : t('check.someFail', { count: failed })}</p>
            <CheckList checks={check.data.checks} kind={channel.kind} remedy={remedy} />
          </>
        ) : (
          <p className="text-sm text-text-3">{t('channel.notChecked')}</p>
        )}
      </div>
    </Card>
  )
}
