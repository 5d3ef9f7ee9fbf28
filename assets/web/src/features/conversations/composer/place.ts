/** Degrees north and east, with the name a link gave. */
export interface Place {
  latitude: number
  longitude: number
  name?: string
}

const NUMBER = String.raw`[-+]?\d{1,3}(?:\.\d+)?`
/** `48.8584,2.2945` in an address, its comma perhaps escaped. */
const PAIR = new RegExp(`^(?:loc:|place:)?\\s*(${NUMBER})(?:,|%2C)\\s*\\+?(${NUMBER})$`, 'i')
/** Parameters in which map pages write a point, the marked one before the centre of the view. */
const POINTS = ['query', 'q', 'destination', 'daddr', 'll', 'sll', 'center', 'map', 'markers'] as const
/** Addresses that only lead on to the real one; where, no page may ask for another site. */
const SHORTENED = /^(maps\.app\.goo\.gl|goo\.gl|g\.co|g\.page|maps\.apple|her\.is|osm\.org|ul\.waze\.com)$/i

/**
 * A point from what somebody pasted: coordinates as numbers or in degrees, minutes and seconds, a `geo:` address, or a
 * link of a map page. `shortened` for a link that does not say itself where it leads; null where there is no point in it.
 */
export function placeOf(text: string): Place | 'shortened' | null {
  const words = text.trim()
  const link = /(?:https?:\/\/|geo:)\S+/i.exec(words)?.[0]
  return link ? ofLink(link) : ofNumbers(words)
}

function ofLink(link: string): Place | 'shortened' | null {
  if (/^geo:/i.test(link)) {
    const [at = '', query = ''] = link.slice(4).split('?')
    const marked = /(?:^|&)q=([^&(]*)(?:\(([^)]*)\))?/.exec(query)
    const point = pair(decode(marked?.[1] ?? '')) ?? pair(at.split(';')[0]!.split(',').slice(0, 2).join(','))
    return point && named(point, decode(marked?.[2] ?? ''))
  }
  let url: URL
  try {
    url = new URL(link)
  } catch {
    return null
  }
  const whole = decode(url.pathname + url.search + url.hash)
  const name = decode(/\/place\/([^/@]+)/.exec(url.pathname)?.[1] ?? '')
  // The marked place itself, which need not be the centre of the view.
  const marked = [...whole.matchAll(new RegExp(`!3d(${NUMBER})!4d(${NUMBER})`, 'g'))].at(-1)
  if (marked) return named(point(marked[1], marked[2]), name)
  const { searchParams: query } = url
  if (query.has('mlat')) return point(query.get('mlat'), query.get('mlon'))
  for (const key of POINTS) {
    const found = pair(query.get(key) ?? '')
    if (found) return named(found, name || (pair(query.get('q') ?? '') ? '' : (query.get('q') ?? '')))
  }
  const bing = new RegExp(`^(${NUMBER})~(${NUMBER})$`).exec(query.get('cp') ?? '')
  if (bing) return point(bing[1], bing[2])
  const osm = new RegExp(`#map=[\\d.]+/(${NUMBER})/(${NUMBER})`).exec(url.hash)
  if (osm) return point(osm[1], osm[2])
  const view = new RegExp(`[@/](${NUMBER}),\\s*\\+?(${NUMBER})(?:[,/?]|$)`).exec(whole)
  if (view) return named(point(view[1], view[2]), name)
  return SHORTENED.test(url.hostname) ? 'shortened' : null
}

function ofNumbers(words: string): Place | null {
  const sexagesimal = /^\s*([NS])?\s*(\d{1,2})\s*[°º]\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['’′]\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:"|”|″|'')\s*)?([NS])?[\s,;]+([EWOL])?\s*(\d{1,3})\s*[°º]\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['’′]\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:"|”|″|'')\s*)?([EWOL])?\s*$/i.exec(words)
  if (sexagesimal) {
    const [, n1, d1, m1, s1, n2, e1, d2, m2, s2, e2] = sexagesimal
    const degrees = (d?: string, m?: string, s?: string) => Number(d) + dotted(m) / 60 + dotted(s) / 3600
    const south = /s/i.test(n1 ?? n2 ?? '') ? -1 : 1
    // West is “oeste”, “ouest”: an O; east is “leste”, an L, or “est”.
    const west = /[wo]/i.test(e1 ?? e2 ?? '') ? -1 : 1
    return point(String(south * degrees(d1, m1, s1)), String(west * degrees(d2, m2, s2)))
  }
  // With decimal commas, as half of the world writes them, something else stands between the two.
  const commas = /^\(?\s*([-+]?\d{1,3},\d+)\s*(?:;|\s|,\s)\s*([-+]?\d{1,3},\d+)\s*\)?$/.exec(words)
  if (commas) return point(commas[1]!.replace(',', '.'), commas[2]!.replace(',', '.'))
  const dots = new RegExp(`^\\(?\\s*(${NUMBER})\\s*[,;\\s]\\s*(${NUMBER})\\s*\\)?$`).exec(words)
  return dots && point(dots[1], dots[2])
}

const dotted = (number: string | undefined) => Number((number ?? '0').replace(',', '.'))

const pair = (text: string): Place | null => {
  const found = PAIR.exec(text.trim())
  return found && point(found[1], found[2])
}

function point(north: string | null | undefined, east: string | null | undefined): Place | null {
  const latitude = Number.parseFloat(north ?? '')
  const longitude = Number.parseFloat(east ?? '')
  const isOnEarth = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  return isOnEarth ? { latitude, longitude } : null
}

const named = (place: Place | null, name: string): Place | null => place && (name.trim() === '' ? place : { ...place, name: name.trim() })

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
