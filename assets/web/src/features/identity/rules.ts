import { atLeast, atMost, email, phone, required, type Rule } from '@/lib/check'

/** The server's limits, in characters; it decides, these only say so in advance. */
export const PASSWORD_MIN = 8
const PASSWORD_MAX = 128
export const NAME_MAX = 100
const EMAIL_MAX = 254
const EXTENSION_MAX = 20

/** What each field of this room's forms must be like. */
export const NAME_RULES: readonly Rule[] = [required, atMost(NAME_MAX)]
export const EMAIL_RULES: readonly Rule[] = [required, email, atMost(EMAIL_MAX)]
export const NEW_PASSWORD_RULES: readonly Rule[] = [required, atLeast(PASSWORD_MIN), atMost(PASSWORD_MAX)]
export const EXTENSION_RULES: readonly Rule[] = [atMost(EXTENSION_MAX)]
export const PHONE_RULES: readonly Rule[] = [phone, atMost(EXTENSION_MAX)]

/** Countries the first market and its neighbours live in; the names come from the browser. */
export const COUNTRIES = ['BR', 'PT', 'FR', 'ES', 'BE', 'CH', 'LU', 'MC', 'IT', 'DE', 'AT', 'NL', 'IE', 'GB', 'US', 'CA', 'MX', 'AR', 'CL', 'CO', 'PE', 'UY', 'PY', 'EC', 'AO', 'MZ', 'CV', 'MA', 'TN', 'DZ', 'SN', 'CI'] as const

/** Zone → country, for a first guess; what is not here falls back to the language. */
export const COUNTRY_OF_ZONE: Record<string, string> = {
  'Europe/Paris': 'FR',
  'Europe/Lisbon': 'PT',
  'Atlantic/Madeira': 'PT',
  'Atlantic/Azores': 'PT',
  'America/Sao_Paulo': 'BR',
  'America/Bahia': 'BR',
  'America/Fortaleza': 'BR',
  'America/Recife': 'BR',
  'America/Manaus': 'BR',
  'America/Belem': 'BR',
  'America/Cuiaba': 'BR',
  'Europe/Madrid': 'ES',
  'Europe/Brussels': 'BE',
  'Europe/Zurich': 'CH',
  'Europe/Luxembourg': 'LU',
  'Europe/London': 'GB',
  'Europe/Berlin': 'DE',
  'Europe/Rome': 'IT',
  'America/Mexico_City': 'MX',
  'America/Argentina/Buenos_Aires': 'AR',
  'America/New_York': 'US',
}
export const COUNTRY_OF_LANGUAGE: Record<string, string> = { 'pt-BR': 'BR', fr: 'FR', es: 'ES', en: 'GB' }
