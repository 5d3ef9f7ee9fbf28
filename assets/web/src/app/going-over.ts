import { useMutation } from '@tanstack/react-query'
import { filesOnlyHere } from '@/features/conversations/outbox'
import { ask } from '@/ui/ask'
import { toast } from '@/ui/toasts'
import { errorWords } from './errors'
import { t } from './i18n'
import { goOver } from './session'

/** Goes over to another firm; asks first while files of this one are nowhere but in this tab. */
export async function leaveFor(companyId: string): Promise<void> {
  const count = filesOnlyHere()
  if (count > 0 && !(await ask({ title: t('nav.filesTitle'), words: t('nav.filesWords', { count }), confirm: t('nav.filesLeave') }))) return
  await goOver(companyId)
}

export const useGoingOver = () => useMutation({ mutationFn: leaveFor, onError: (error) => toast(errorWords(error), { tone: 'bad' }) })
