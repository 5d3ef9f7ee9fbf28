// phones.mjs    writes src/lib/phone-formats.json: how each calling code groups its international numbers
//
// Google's libphonenumber (Apache-2.0) knows; of its metadata only the grouping is kept, which is a tenth of it. For each calling
// code a list of [digits in groups, first digits], as regular expressions; the first that fits a number groups it.
import { writeFileSync } from 'node:fs'
import metadata from 'libphonenumber-js/metadata.min.json'

/** Places in libphonenumber-js's rows: of a country, and of one of its formats. */
const FORMATS = 4
const [PATTERN, FORMAT, LEADING, , , INTERNATIONAL] = [0, 1, 2, 3, 4, 5]

const rows = new Map()
for (const [code, [main]] of Object.entries(metadata.country_calling_codes)) rows.set(code, metadata.countries[main])
for (const [code, row] of Object.entries(metadata.nonGeographic)) rows.set(code, row)

const codes = {}
for (const [code, row] of rows) {
  const formats = (row[FORMATS] || []).filter((format) => format[INTERNATIONAL] !== 'NA')
  codes[code] = formats.map((format) => {
    const words = (format[INTERNATIONAL] || format[FORMAT]).replace(/[^$\d]+/g, ' ').trim()
    const inOrder = words.split(' ').map((_, group) => `$${group + 1}`).join(' ')
    if (words !== inOrder) throw new Error(`+${code}: ${words} is more than groups parted by spaces`)
    return [format[PATTERN], (format[LEADING] || []).at(-1) ?? '']
  })
}
const lines = Object.entries(codes).map(([code, formats]) => `${JSON.stringify(code)}:${JSON.stringify(formats)}`)
writeFileSync(new URL('../src/lib/phone-formats.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`)
