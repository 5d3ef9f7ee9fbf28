/** The server's floor for passwords, in characters; it decides, this only says so in advance. */
export const PASSWORD_MIN = 8

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
