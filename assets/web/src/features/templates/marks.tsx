import type { Template, TemplateStatus } from '@/api/types'
import { wordsFor } from '@/app/i18n'
import { Badge } from '@/ui/text'

const TONES: Record<TemplateStatus, 'good' | 'accent' | 'bad' | 'neutral'> = { APPROVED: 'good', PENDING: 'accent', IN_APPEAL: 'accent', REJECTED: 'bad', PAUSED: 'bad', DISABLED: 'bad', DELETED: 'neutral' }

export function StatusMark({ status }: { status: TemplateStatus }) {
  return <Badge tone={TONES[status]}>{wordsFor('templateStatus', status, 'templateStatus.PENDING')}</Badge>
}

/** How readers take it; nothing while the provider has not said. */
export function QualityMark({ template }: { template: Template }) {
  const { quality } = template
  if (quality === 'UNKNOWN') return null
  return <Badge tone={quality === 'GREEN' ? 'good' : quality === 'RED' ? 'bad' : 'accent'}>{wordsFor('channelQuality', quality, 'channelQuality.UNKNOWN')}</Badge>
}
