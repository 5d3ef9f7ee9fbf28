// catalogue.mjs types            writes src/i18n/ids.ts, the type of all message ids
// catalogue.mjs add < rows       adds or replaces messages; a row is: id | en | pt-BR | fr | es
// catalogue.mjs remove ID…       removes messages from every catalogue
// catalogue.mjs tidy             sorts every catalogue
import { readFileSync, writeFileSync } from 'node:fs'
import { fileOf, formatPo, LOCALES, readCatalogue } from './po.mjs'

const [verb, ...rest] = process.argv.slice(2)
switch (verb) {
  case 'types': {
    const ids = [...readCatalogue(LOCALES[0]).keys()].sort()
    const text = `// Written by scripts/catalogue.mjs from the English catalogue.\nexport type MessageId =\n${ids.map((id) => `  | ${JSON.stringify(id)}`).join('\n')}\n`
    writeFileSync(new URL('../src/i18n/ids.ts', import.meta.url), text)
    break
  }
  case 'add': {
    const rows = readFileSync(0, 'utf8').split('\n').filter((row) => row.trim() !== '' && !row.startsWith('#')).map((row) => row.split(' | ').map((cell) => cell.trim()))
    for (const row of rows) {
      if (row.length !== LOCALES.length + 1) throw new Error(`a row needs id | ${LOCALES.join(' | ')}: ${row.join(' | ')}`)
    }
    rewrite((messages, column) => {
      for (const row of rows) messages.set(row[0], row[column + 1])
    })
    break
  }
  case 'remove':
    rewrite((messages) => {
      for (const id of rest) messages.delete(id)
    })
    break
  case 'tidy':
    rewrite(() => {})
    break
  default:
    console.error('usage: catalogue.mjs types | add < rows | remove ID… | tidy')
    process.exitCode = 2
}

function rewrite(change) {
  LOCALES.forEach((locale, column) => {
    let messages
    try {
      messages = readCatalogue(locale)
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
      messages = new Map()
    }
    change(messages, column)
    writeFileSync(fileOf(locale), formatPo(locale, messages))
  })
}
