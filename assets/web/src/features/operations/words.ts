import type { MessageId } from '@/app/i18n'
import { known, t, wordsFor } from '@/app/i18n'

/** WhatsApp's error codes by what they mean for us; the same groups as the server's, which acts by them. */
const PROVIDER: readonly [MessageId, readonly number[]][] = [
  ['workReason.provider.busy', [1, 2, 4, 80007, 131000, 131016, 131053, 131057, 133016]],
  ['workReason.provider.slow', [130429, 131048, 131049, 131056]],
  ['workReason.window_closed', [131047]],
  ['workReason.provider.recipient', [130472, 131021, 131026, 131030, 131050, 131062, 131063, 131064]],
  ['workReason.provider.content', [100, 131008, 131009, 131051, 131052, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018, 132068, 132069]],
  ['workReason.provider.account', [0, 3, 10, 190, 368, 130497, 131031, 131042, 131045]],
]

/** Why a piece of work failed, in the reader's language: by its code, never from its English detail. */
export function reasonWords(code: string): string {
  const own = `workReason.${code}`
  if (known(own)) return t(own)
  if (/^\d+$/.test(code)) {
    const number = Number(code)
    if (number >= 200 && number < 300) return t('workReason.provider.account')
    return t(PROVIDER.find(([, codes]) => codes.includes(number))?.[0] ?? 'workReason.provider.other')
  }
  if (code === 'http_401' || code === 'http_403') return t('workReason.provider.account')
  if (/^http_(408|429|5\d\d)$/.test(code)) return t('workReason.provider.busy')
  return t(code.startsWith('http_') ? 'workReason.provider.other' : 'workReason.other')
}

/** What a kind of work is called; a kind newer than this app goes by its family. */
export const kindWords = (prefix: 'jobKind' | 'deliveryKind' | 'timerKind', kind: string): string => wordsFor(prefix, kind, `${prefix}.other`)
