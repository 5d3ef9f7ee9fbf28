// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileMessage } from '@lingui/message-utils/compileMessage'
import { expect, test } from 'vitest'
// @ts-expect-error plain JavaScript shared with the build
import { fileOf, isBehind, LOCALES, parsePo, readCatalogue } from '../../scripts/po.mjs'

type Catalogue = Map<string, string>
const read = (locale: string): Catalogue => readCatalogue(locale)
const [SOURCE, ...OTHERS] = LOCALES as string[]
const source = read(SOURCE!)

test.each(OTHERS)('%s has words for every id, and no others', (locale) => {
  const other = read(locale)
  expect([...source.keys()].filter((id) => !other.get(id))).toEqual([])
  expect([...other.keys()].filter((id) => !source.has(id))).toEqual([])
})

test.each(OTHERS)('%s has the same placeholders and tags', (locale) => {
  const other = read(locale)
  for (const [id, words] of source) expect({ id, holes: holes(other.get(id)!) }).toEqual({ id, holes: holes(words) })
})

test.each(LOCALES as string[])('%s names every plural form that its language uses for whole numbers up to a thousand', (locale) => {
  const rules = new Intl.PluralRules(locale)
  const needed = new Set(Array.from({ length: 1001 }, (_, n) => rules.select(n)))
  for (const [id, words] of read(locale)) {
    for (const forms of plurals(compileMessage(words))) expect({ id, missing: [...needed].filter((form) => !(form in forms) && !('other' in forms)) }).toEqual({ id, missing: [] })
  }
})

test.each(LOCALES as string[])('%s is sorted, so that two people’s additions rarely touch', (locale) => {
  const ids = [...(parsePo(readFileSync(fileOf(locale), 'utf8')) as Catalogue).keys()]
  expect(ids).toEqual([...ids].sort())
})

const SOURCES = new URL('..', import.meta.url).pathname
/** What is on screen before the words of the screens behind the desk are there. */
const AT_THE_DESK = ['app', 'api', 'lib', 'ui', 'features/contacts', 'features/conversations', 'features/search', 'features/identity/Door.tsx', 'features/identity/SignIn.tsx']

test('the desk uses no words that come only with the screens behind it', () => {
  const files = AT_THE_DESK.flatMap((place) => (place.endsWith('.tsx') ? [place] : (readdirSync(join(SOURCES, place), { recursive: true }) as string[]).map((file) => join(place, file))))
  const used = files
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|\.d\.ts$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(SOURCES, file), 'utf8')
      const whole = [...text.matchAll(/['"]([\w-]+(?:\.[\w-]+)+)['"]/g)].map(([, id]) => id!).filter((id) => source.has(id))
      const begun = [...text.matchAll(/`([\w-]+)\.(?:[\w-]+\.)*\$\{|wordsFor\('([\w-]+)/g)].map(([, inWords, asPrefix]) => `${inWords ?? asPrefix}.`)
      return [...whole, ...begun].filter((id) => isBehind(id)).map((id) => `${file}: ${id}`)
    })
  expect(used).toEqual([])
})

function holes(words: string): string[] {
  const found = new Set<string>(words.match(/<\/?\w+\/?>/g) ?? [])
  const walk = (tokens: unknown): void => {
    if (!Array.isArray(tokens)) return
    for (const token of tokens) {
      if (!Array.isArray(token)) continue
      found.add(`{${String(token[0])}${token[1] ? `,${String(token[1])}` : ''}}`)
      if (token[2] && typeof token[2] === 'object') Object.values(token[2] as object).forEach(walk)
    }
  }
  walk(compileMessage(words))
  return [...found].sort()
}

function plurals(tokens: unknown): Record<string, unknown>[] {
  if (!Array.isArray(tokens)) return []
  return tokens.flatMap((token) => (Array.isArray(token) && token[1] === 'plural' ? [token[2] as Record<string, unknown>] : []))
}
