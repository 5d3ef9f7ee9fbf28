import { setupI18n, type Messages } from '@lingui/core'
import { useLingui } from '@lingui/react'
import type { Language } from '@/api/types'
import type { MessageId } from '@/i18n/ids'

export type { MessageId }
export type Locale = Language
export const LOCALES: readonly { locale: Locale; name: string }[] = [
  { locale: 'en', name: 'English' },
  { locale: 'pt-BR', name: 'Português (Brasil)' },
  { locale: 'fr', name: 'Français' },
  { locale: 'es', name: 'Español' },
]

export type Values = Record<string, string | number>
/** Words for a message id. */
export type Translate = (id: MessageId, values?: Values) => string

export const i18n = setupI18n()
i18n.on('missing', (event) => console.error(`no words for ${event.id} in ${event.locale}`))

type Catalogues = Record<Locale, () => Promise<{ messages: Messages }>>
const CATALOGUES: Catalogues = {
  en: () => import('../../../i18n/en.po'),
  'pt-BR': () => import('../../../i18n/pt-BR.po'),
  fr: () => import('../../../i18n/fr.po'),
  es: () => import('../../../i18n/es.po'),
}
/** Words of the screens behind the desk, which most people never open. */
const BEHIND: Catalogues = {
  en: () => import('../../../i18n/en.po?behind'),
  'pt-BR': () => import('../../../i18n/pt-BR.po?behind'),
  fr: () => import('../../../i18n/fr.po?behind'),
  es: () => import('../../../i18n/es.po?behind'),
}
let behind: Promise<void> | undefined

/** The catalogue that serves a language tag best; English when none does. */
export function localeFor(tags: readonly (string | null | undefined)[]): Locale {
  for (const tag of tags) {
    if (!tag) continue
    const exact = LOCALES.find(({ locale }) => locale.toLowerCase() === tag.toLowerCase())
    const family = exact ?? LOCALES.find(({ locale }) => locale.split('-')[0] === tag.toLowerCase().split('-')[0])
    if (family) return family.locale
  }
  return 'en'
}

/** The language of somebody who is signed in: their own choice, then this browser's, which others use too, then the firm's. */
export const localeOf = (me: { language?: string | null; tenant?: { language: string } }, browser: string | null): Locale => localeFor([me.language, browser, me.tenant?.language, ...navigator.languages])

export async function activate(locale: Locale): Promise<void> {
  if (i18n.locale === locale) return
  const [desk, early] = await Promise.all([CATALOGUES[locale](), behind && BEHIND[locale]()])
  // They may have been asked for meanwhile.
  const others = early ?? (behind && (await BEHIND[locale]()))
  i18n.load(locale, { ...desk.messages, ...others?.messages })
  i18n.activate(locale)
  document.documentElement.lang = locale
}

/** Gets the words of the screens behind the desk; from then on they come with every language. */
export function wordsBehind(): Promise<void> {
  const get = async (locale: Locale) => i18n.load(locale, (await BEHIND[locale]()).messages)
  behind ??= get(i18n.locale as Locale).catch((error: unknown) => {
    behind = undefined
    throw error
  })
  return behind
}

/** Words outside components. */
export const t: Translate = (id, values) => i18n._(id, values)

/** Words in a component; renders again when the language changes. */
export function useT(): Translate {
  const { i18n: active } = useLingui()
  return (id, values) => active._(id, values)
}

/** Does the catalogue know this id? For ids put together from codes of the server. */
export function known(id: string): id is MessageId {
  return id in i18n.messages
}

/** Words for a code of the server below a prefix, or the fallback for codes that are newer than this app. */
export function wordsFor(prefix: string, code: string | null | undefined, fallback: MessageId, values?: Values): string {
  const id = `${prefix}.${code}`
  return known(id) ? t(id, values) : t(fallback, values)
}
