import { useT } from '@/app/i18n'
import { hrefOf } from './format'
import { OpenIcon } from '@/ui/icons'
import type { ReactNode } from 'react'
import type { Message } from '@/api/types'

/** A place on a drawn card; no map of a stranger's is fetched, which would tell them where somebody waits. */
export function Spot({ location, foot }: { location: NonNullable<Message['location']>; foot?: ReactNode }) {
  const t = useT()
  const { latitude, longitude, name, address, url } = location
  const degrees = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`
  const page = url ? hrefOf(url) : null
  return (
    <div className="w-72 max-w-full overflow-hidden rounded-[0.7rem] bg-current/6">
      <a href={map} target="_blank" rel="noopener noreferrer" aria-label={t('bubble.openMap', { place: name || degrees })} className="group/map relative block h-32 -outline-offset-2">
        <Streets seed={Math.abs(Math.round(latitude * 1e4) * 31 + Math.round(longitude * 1e4))} />
        <span aria-hidden="true" className="absolute top-1/2 left-1/2 -translate-x-1/2 -translate-y-full transition-transform group-hover/map:-translate-y-[108%]">
          <svg width="30" height="38" viewBox="0 0 30 38"><path d="M15 37c8.6-9.3 13-16.4 13-22A13 13 0 0 0 2 15c0 5.6 4.4 12.7 13 22z" fill="var(--bad)" stroke="var(--surface)" strokeWidth="2" /><circle cx="15" cy="15" r="4.6" fill="var(--surface)" /></svg>
        </span>
      </a>
      <div className="flex items-start gap-2 px-3 py-2">
        <span className="flow-root min-w-0 flex-1">
          {name && <span className="block text-sm font-medium break-words">{page ? <a href={page} target="_blank" rel="noopener noreferrer nofollow" className="underline underline-offset-2">{name}</a> : name}</span>}
          {address && <span className="block text-xs break-words opacity-80">{address}</span>}
          <span className="tabular text-xs opacity-75">{degrees}</span>
          {foot}
        </span>
        <a href={map} target="_blank" rel="noopener noreferrer" tabIndex={-1} aria-hidden="true" className="order-first mt-0.5 opacity-70"><OpenIcon size={15} /></a>
      </div>
    </div>
  )
}

/** Figures that look like chance and are the same for one seed. */
function figures(seed: number): number[] {
  const values: number[] = []
  for (let state = (seed % 2_147_483_646) + 1; values.length < 12; values.push(state)) state = (state * 48_271) % 2_147_483_647
  return values
}

/** Streets that are nobody's: drawn from the figures, so that one place always looks the same. */
function Streets({ seed }: { seed: number }) {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0] = figures(seed)
  const across = [14 + (a % 20), 62 + (b % 10), 104 + (c % 16)] as const
  const along = [30 + (d % 30), 110 + (e % 30), 168 + (f % 20), 232 + (g % 30)] as const
  return (
    <svg aria-hidden="true" viewBox="0 0 288 128" preserveAspectRatio="xMidYMid slice" className="h-full w-full bg-[light-dark(oklch(0.945_0.012_130),oklch(0.27_0.014_200))]">
      <g transform={`rotate(${(h % 24) - 12} 144 64)`}>
        <path d={`M-40 ${96 + (i % 20)}C60 ${70 + (j % 30)} 200 ${120 + (k % 20)} 340 ${84 + (l % 30)}V220H-40z`} fill="light-dark(oklch(0.9 0.035 225), oklch(0.31 0.035 235))" />
        <rect x={along[1] + 8} y={across[0] + 9} width={44} height={across[1] - across[0] - 18} rx="4" fill="light-dark(oklch(0.89 0.055 140), oklch(0.33 0.035 150))" />
        {across.map((y) => <path key={y} d={`M-40 ${y}H340`} stroke="light-dark(#fff, oklch(0.37 0.014 240))" strokeWidth="9" />)}
        {along.map((x) => <path key={x} d={`M${x}-60V200`} stroke="light-dark(#fff, oklch(0.37 0.014 240))" strokeWidth="7" />)}
        <path d={`M-40 ${across[1] + 30}L340 ${across[1] - 34}`} stroke="light-dark(oklch(0.89 0.085 88), oklch(0.45 0.055 85))" strokeWidth="8" />
      </g>
    </svg>
  )
}
