import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { firms as calls } from '@/api/calls'
import type { Firm } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useGoingOver } from '@/app/going-over'
import { i18n, useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { refreshMe, useMe } from '@/app/session'
import { Button, IconButton } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { Notice, Skeleton } from '@/ui/feedback'
import { ForwardIcon, LockIcon, MoreIcon, PlusIcon } from '@/ui/icons'
import { Menu, MenuItem } from '@/ui/menu'
import { Cell, Page, Table } from '@/ui/page'
import { Badge } from '@/ui/text'
import { toast } from '@/ui/toasts'
import { FirmDialog } from './FirmDialog'

/** All firms of this box: for who is above them. */
export default function Firms() {
  const t = useT()
  const [making, setMaking] = useState(false)
  // Frames of a firm reach its own people alone, so the list is asked for whenever it is opened.
  const all = useQuery({ queryKey: ['firms'], queryFn: calls.all, refetchOnMount: 'always' })
  return (
    <Page title={t('firms.title')} intro={t('firms.intro')} actions={<Button kind="primary" icon={<PlusIcon size={16} />} onClick={() => setMaking(true)}>{t('firms.create')}</Button>}>
      {all.error && <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void all.refetch()}>{t('action.retry')}</Button>}>{errorWords(all.error)}</Notice>}
      {all.isPending && <Skeleton shape="box" className="h-40" />}
      {all.data && <FirmTable firms={all.data} />}
      {making && <FirmDialog onClose={() => setMaking(false)} />}
    </Page>
  )
}

function FirmTable({ firms }: { firms: readonly Firm[] }) {
  const t = useT()
  const format = useFormat()
  const me = useMe()
  const [closing, setClosing] = useState<Firm | null>(null)
  const countries = new Intl.DisplayNames(i18n.locale, { type: 'region' })
  const failed = (error: unknown) => toast(errorWords(error), { tone: 'bad' })
  const over = useGoingOver()
  const turn = useMutation({
    mutationFn: ({ firm, isActive }: { firm: Firm; isActive: boolean }) => calls.update(firm.id, { isActive }),
    onSuccess: async () => {
      toast(t('action.saved'))
      await Promise.all([queryClient.invalidateQueries({ queryKey: ['firms'] }), refreshMe().catch(() => undefined)])
    },
    onError: failed,
  })
  const mine = new Set(me.memberships.map((one) => one.tenantId))
  const head = [
    { key: 'name', label: t('field.name') },
    { key: 'place', label: t('firms.place'), hide: true },
    { key: 'since', label: t('firms.since'), hide: true },
    { key: 'actions', label: t('word.actions'), end: true },
  ]
  return (
    <>
      <Table label={t('firms.title')} head={head}>
        {firms.map((firm) => (
          <tr key={firm.id}>
            <Cell>
              <span className="flex flex-wrap items-center gap-1.5 font-medium">
                {firm.name}
                {firm.id === me.companyId && <Badge tone="accent">{t('firms.here')}</Badge>}
                {!firm.isActive && <Badge tone="bad">{t('people.off')}</Badge>}
              </span>
              <span className="block text-xs text-text-3">#{firm.number}</span>
            </Cell>
            <Cell hide className="text-text-2">{countries.of(firm.country) ?? firm.country} · {firm.timezone}</Cell>
            <Cell hide className="tabular whitespace-nowrap text-text-3"><time dateTime={firm.createdAt} title={format.full(firm.createdAt)}>{format.day(firm.createdAt)}</time></Cell>
            <Cell end>
              {firm.id !== me.companyId && (
                <Menu trigger={<IconButton label={t('people.actionsOf', { name: firm.name })}><MoreIcon /></IconButton>}>
                  {mine.has(firm.id) && <MenuItem icon={<ForwardIcon size={16} />} onSelect={() => over.mutate(firm.id)}>{t('firms.goOver')}</MenuItem>}
                  <MenuItem icon={<LockIcon size={16} />} onSelect={() => (firm.isActive ? setClosing(firm) : turn.mutate({ firm, isActive: true }))}>{firm.isActive ? t('people.turnOff') : t('people.turnOn')}</MenuItem>
                </Menu>
              )}
            </Cell>
          </tr>
        ))}
      </Table>
      <Confirm open={closing !== null} onOpenChange={(open) => !open && setClosing(null)} title={t('people.offTitle', { name: closing?.name ?? '' })} confirm={t('people.turnOff')} cancel={t('action.cancel')} danger onConfirm={() => closing && turn.mutate({ firm: closing, isActive: false })}>
        {t('firms.offHint')}
      </Confirm>
    </>
  )
}
