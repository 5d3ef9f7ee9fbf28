import type { ReactNode } from 'react'
import { activate, i18n, LOCALES, useT, type Locale } from '@/app/i18n'
import { prefer } from '@/app/preferences'
import { DownIcon, Mark } from '@/ui/icons'
import { Menu, MenuRadio } from '@/ui/menu'

/** The frame of the screens in front of the door: the night, the beam, and one card. */
export function Door({ title, intro, children, wide, aside }: { title: string; intro?: ReactNode; children: ReactNode; wide?: boolean; aside?: ReactNode }) {
  return (
    <div className="relative flex min-h-full flex-col overflow-hidden bg-ink">
      <Beam />
      <header className="relative flex items-center justify-between px-5 py-4 text-white sm:px-8">
        <span className="flex items-center gap-2.5">
          <Mark size={30} />
          <span className="text-lg font-semibold tracking-tight">Farol</span>
        </span>
        <LanguageMenu />
      </header>
      <main className="relative flex flex-1 flex-col items-center justify-center px-4 pb-16">
        <div className={`w-full ${wide ? 'max-w-lg' : 'max-w-[23.5rem]'} animate-enter rounded-xl border border-line bg-surface p-6 shadow-lg sm:p-8`}>
          <h1 className="text-xl font-semibold tracking-tight text-balance">{title}</h1>
          {intro && <div className="mt-1 text-sm text-text-3">{intro}</div>}
          <div className="mt-5">{children}</div>
        </div>
        {aside && <div className="mt-4 max-w-md text-center text-xs text-ink-text">{aside}</div>}
      </main>
    </div>
  )
}

/** A menu, as the desk has them anyway: whoever signs in need not wait for what forms choose with. */
function LanguageMenu() {
  const t = useT()
  const name = LOCALES.find(({ locale }) => locale === i18n.locale)?.name ?? i18n.locale
  const choose = (language: Locale) => {
    prefer({ language })
    void activate(language)
  }
  return (
    <Menu
      trigger={
        <button type="button" aria-label={`${t('preferences.language')}: ${name}`} className="inline-flex h-7 items-center justify-between gap-2 rounded-md px-2 text-xs text-ink-text transition-colors hover:bg-ink-2 focus-visible:outline-lamp max-sm:h-11">
          {name}
          <DownIcon size={14} className="shrink-0 text-text-3" />
        </button>
      }
    >
      <MenuRadio value={i18n.locale as Locale} onChange={choose} options={LOCALES.map(({ locale, name }) => ({ value: locale, label: name }))} />
    </Menu>
  )
}

/** A lighthouse at night, drawn large and quiet. */
function Beam() {
  return (
    <svg aria-hidden="true" className="pointer-events-none absolute inset-0 size-full" viewBox="0 0 1440 900" preserveAspectRatio="xMidYMid slice">
      <defs>
        <linearGradient id="beam-right" x1="0" x2="1">
          <stop offset="0" stopColor="var(--lamp)" stopOpacity=".34" />
          <stop offset="1" stopColor="var(--lamp)" stopOpacity="0" />
        </linearGradient>
        <radialGradient id="beam-glow">
          <stop offset="0" stopColor="var(--lamp)" stopOpacity=".5" />
          <stop offset="1" stopColor="var(--lamp)" stopOpacity="0" />
        </radialGradient>
        <linearGradient id="beam-sea" y1="0" y2="1" x2="0">
          <stop offset="0" stopColor="#fff" stopOpacity=".05" />
          <stop offset="1" stopColor="#fff" stopOpacity="0" />
        </linearGradient>
      </defs>
      <path d="M204 556 1500 180v560z" fill="url(#beam-right)" />
      <path d="M196 556-200 470v172z" fill="var(--lamp)" opacity=".05" />
      <circle cx="200" cy="556" r="110" fill="url(#beam-glow)" />
      <rect y="764" width="1440" height="136" fill="url(#beam-sea)" />
      <path d="M0 764h1440" stroke="#fff" strokeOpacity=".09" />
      <path d="M182 550a18 18 0 0 1 36 0z" fill="#fff" opacity=".8" />
      <rect x="186" y="551" width="28" height="14" fill="var(--lamp)" />
      <path d="M183 567h34l12 197h-58z" fill="#fff" opacity=".15" />
      <path d="M181 610h38l3.200 46h-44.400zM175.600 704h48.800l3 46h-54.800z" fill="#fff" opacity=".14" />
      <path d="M100 764c26-18 54-24 100-24s78 8 104 24z" fill="#000" opacity=".35" />
    </svg>
  )
}

