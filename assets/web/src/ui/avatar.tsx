import { useState } from 'react'
import { cx } from '@/lib/cx'
import type { Presence } from '@/api/types'

/** Quiet hues, all readable under white letters. */
const HUES = [262, 220, 185, 155, 125, 60, 28, 350, 310, 285]

const SIZES = { xs: 'size-5 text-[0.5625rem]', sm: 'size-7 text-2xs', md: 'size-9 text-xs', lg: 'size-14 text-lg' }
const DOTS: Record<Presence, string> = { ONLINE: 'bg-[oklch(0.7_0.16_155)]', AWAY: 'bg-lamp', OFFLINE: 'bg-text-3' }

/** A person's picture or, without one, their initials on a colour that stays theirs. */
// Drawn by the style sheet: initials are a picture, not words to be read out or selected.
export function Avatar({ name, id, src, size = 'md', presence, className }: { name: string; id?: string; src?: string | null; size?: keyof typeof SIZES; presence?: Presence; className?: string }) {
  const hue = HUES[hash(id ?? name) % HUES.length]
  const [broken, setBroken] = useState<string | null>(null)
  const picture = ownPicture(src)
  return (
    <span className={cx('relative inline-flex shrink-0', className)} aria-hidden="true">
      {picture && picture !== broken ? (
        <img src={picture} alt="" loading="lazy" decoding="async" onError={() => setBroken(picture)} className={cx('rounded-full bg-sunken object-cover', SIZES[size])} />
      ) : (
        <span
          className={cx('inline-flex items-center justify-center rounded-full font-semibold tracking-tight text-white select-none before:content-[attr(data-initials)]', SIZES[size])}
          data-initials={initials(name)}
          style={{ background: `linear-gradient(160deg, oklch(0.55 0.085 ${hue}), oklch(0.45 0.09 ${hue}))` }}
        />
      )}
      {presence && <span className={cx('absolute -right-px -bottom-px size-2.5 rounded-full border-2 border-surface', DOTS[presence])} />}
    </span>
  )
}

/** A picture's address if it is on this box; the content policy refuses others, and fetching them would tell a stranger who reads. */
export function ownPicture(src: string | null | undefined): string | null {
  if (!src) return null
  try {
    const address = new URL(src, location.href)
    return address.origin === location.origin && /^https?:$/.test(address.protocol) ? address.href : null
  } catch {
    return null
  }
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((word) => /\p{L}/u.test(word))
  if (words.length === 0) return /\d/.test(name) ? name.replace(/\D/g, '').slice(-2) : '?'
  const first = [...words[0]!][0]!
  const last = words.length > 1 ? [...words.at(-1)!][0]! : ''
  return (first + last).toLocaleUpperCase()
}

function hash(text: string): number {
  let value = 0
  for (let i = 0; i < text.length; i++) value = (value * 31 + text.charCodeAt(i)) >>> 0
  return value
}
