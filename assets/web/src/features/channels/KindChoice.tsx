import { useId, type KeyboardEvent } from 'react'
import type { ChannelKind } from '@/api/types'
import { useT } from '@/app/i18n'
import { cx } from '@/lib/cx'
import { CheckIcon } from '@/ui/icons'
import { KindTile } from './kinds'

const KINDS: readonly ChannelKind[] = ['whatsapp_cloud', 'waha']

/** The ways to connect a number, with what speaks for and against each. */
export function KindChoice({ value, onChange }: { value: ChannelKind; onChange: (kind: ChannelKind) => void }) {
  const t = useT()
  const id = useId()
  const step = (event: KeyboardEvent, index: number) => {
    const by = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0
    if (by === 0) return
    event.preventDefault()
    const next = (index + by + KINDS.length) % KINDS.length
    onChange(KINDS[next]!)
    ;(event.currentTarget.parentElement?.children[next] as HTMLElement | undefined)?.focus()
  }
  return (
    <div role="radiogroup" aria-label={t('channel.kind')} className="grid gap-2.5 sm:grid-cols-2">
      {KINDS.map((kind, index) => {
        const chosen = kind === value
        return (
          <button
            key={kind}
            type="button"
            role="radio"
            aria-checked={chosen}
            aria-labelledby={`${id}-${kind}`}
            aria-describedby={`${id}-${kind}-about`}
            tabIndex={chosen ? 0 : -1}
            onClick={() => onChange(kind)}
            onKeyDown={(event) => step(event, index)}
            className={cx('flex flex-col gap-2 rounded-lg border p-3.5 text-left transition-colors', chosen ? 'border-accent-text bg-accent-soft' : 'border-line-strong hover:bg-hover')}
          >
            <span className="flex items-center gap-2.5">
              <KindTile kind={kind} />
              <span id={`${id}-${kind}`} className="flex-1 text-base font-semibold">{t(`channelKind.${kind}.short`)}</span>
              {chosen && <CheckIcon size={17} className="text-accent-text" />}
            </span>
            <span id={`${id}-${kind}-about`} className="text-xs text-text-2">{t(`channelKind.${kind}.about`)}</span>
          </button>
        )
      })}
    </div>
  )
}
