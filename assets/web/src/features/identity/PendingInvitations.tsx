import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { invitations } from '@/api/calls'
import type { Invitation } from '@/api/types'
import { errorWords } from '@/app/errors'
import { useFormat } from '@/app/format'
import { useT } from '@/app/i18n'
import { queryClient } from '@/app/query'
import { Button } from '@/ui/button'
import { Confirm } from '@/ui/dialog'
import { Notice } from '@/ui/feedback'
import { Card } from '@/ui/page'
import { toast } from '@/ui/toasts'
import { roleName, useRoles } from './rights'

/** Who was invited and has not come yet. */
export function PendingInvitations() {
  const t = useT()
  const format = useFormat()
  const roles = useRoles()
  const [leaving, setLeaving] = useState<Invitation | null>(null)
  // No frame tells of invitations, so the list is asked for whenever it is opened.
  const open = useQuery({ queryKey: ['invitation', 'open'], queryFn: invitations.all, refetchOnMount: 'always' })
  const withdraw = useMutation({
    mutationFn: (id: string) => invitations.withdraw(id),
    onSuccess: () => toast(t('people.withdrawn')),
    onError: (error) => toast(errorWords(error), { tone: 'bad' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['invitation', 'open'] }),
  })
  if (open.error) return <Notice tone="bad" role="alert" action={<Button size="sm" onClick={() => void open.refetch()}>{t('action.retry')}</Button>}>{errorWords(open.error)}</Notice>
  if (!open.data || open.data.length === 0) return null
  return (
    <Card title={t('people.pending')} hint={t('people.pendingHint')} className="divide-y divide-line">
      {open.data.map((one) => (
        <div key={one.id} className="flex flex-wrap items-center justify-between gap-3 px-4 py-2.5">
          <div className="min-w-0">
            <p className="truncate text-sm font-medium">{one.name || one.email}</p>
            <p className="text-xs text-text-3">{[one.name ? one.email : null, roleName(one.role, roles.data), t('people.expires', { at: format.full(one.expiresAt) })].filter(Boolean).join(' · ')}</p>
          </div>
          <Button size="sm" busy={withdraw.isPending && withdraw.variables === one.id} onClick={() => setLeaving(one)}>{t('people.withdraw')}</Button>
        </div>
      ))}
      <Confirm open={leaving !== null} onOpenChange={(open) => !open && setLeaving(null)} title={t('people.withdrawTitle')} confirm={t('people.withdraw')} cancel={t('action.cancel')} danger onConfirm={() => leaving && withdraw.mutate(leaving.id)}>
        {t('people.withdrawHint', { email: leaving?.email ?? '' })}
      </Confirm>
    </Card>
  )
}
