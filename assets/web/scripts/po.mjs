// Reads, writes and compiles the catalogues. The format is gettext's, with the message id as msgid and the
// words (ICU syntax) as msgstr: the same files are read by the server for mails and documents.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { compileMessage } from '@lingui/message-utils/compileMessage'

/** Folder of the catalogues, shared by web app, mails and documents. */
export const CATALOGUES = new URL('../../i18n/', import.meta.url)
/** Every language that must be whole; the first is the source. */
export const LOCALES = ['en', 'pt-BR', 'fr', 'es']

/** Catalogue file of a locale. */
export const fileOf = (locale) => new URL(`${locale}.po`, CATALOGUES)

/** Text of a PO file → Map of id to words. Throws on a line it doesn't know and on an id that comes twice. */
export function parsePo(text) {
  const messages = new Map()
  let id = null
  let words = null
  let last = null
  const keep = () => {
    if (id === null || words === null) return
    if (id !== '') {
      if (messages.has(id)) throw new Error(`message ${id} stands twice`)
      messages.set(id, words)
    }
    id = words = last = null
  }
  for (const line of text.split('\n')) {
    const field = /^(msgid|msgstr)\s+(".*")$/.exec(line)
    if (field) {
      if (field[1] === 'msgid') {
        keep()
        id = JSON.parse(field[2])
        last = 'id'
      } else {
        words = JSON.parse(field[2])
        last = 'words'
      }
    } else if (line.startsWith('"')) {
      if (last === 'id') id += JSON.parse(line)
      else words += JSON.parse(line)
    } else if (line.trim() !== '' && !line.startsWith('#')) {
      throw new Error(`not a line of a catalogue: ${line}`)
    }
  }
  keep()
  return messages
}

/** Map of id to words → text of a PO file, sorted by id so that two people's additions rarely touch. */
export function formatPo(locale, messages) {
  const head = `msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: ${locale}\\n"\n`
  const rows = [...messages].sort(([a], [b]) => (a < b ? -1 : 1))
  return `${head}\n${rows.map(([id, words]) => `msgid ${JSON.stringify(id)}\nmsgstr ${JSON.stringify(words)}\n`).join('\n')}`
}

/** Messages of one locale from disk. */
export const readCatalogue = (locale) => parsePo(readFileSync(fileOf(locale), 'utf8'))

/**
 * First parts of the ids that only screens behind the desk use: settings, setup, the way in by invitation. They are
 * nearly half of a catalogue, and an agent at the desk never reads them.
 */
const BEHIND = new Set(
  `account channel channelKind channelQuality channelStatus channels check deadKind deadLetters deadRaw deadState deliveryKind
  figure figures firm firms invitation jobKind jobs limits manners noticeNext noticeTopic notices people permission queues reach repair
  roles session sessionState sessionStateHint setting settings setup system templateCategory templateHint templateStatus templates
  timerKind waha watchHours welcome workReason workState`.split(/\s+/),
)

/** Is a message only for screens behind the desk? */
export const isBehind = (id) => BEHIND.has(id.slice(0, id.indexOf('.')))

/** Vite plugin: `import { messages } from '…/fr.po'` gives the compiled words of the desk, `…/fr.po?behind` all others. */
export function catalogues() {
  return {
    name: 'farol-catalogues',
    transform(code, id) {
      const [path, query] = id.split('?')
      if (!path.endsWith('.po')) return null
      const behind = new URLSearchParams(query).has('behind')
      const compiled = {}
      for (const [id, words] of parsePo(code)) {
        if (isBehind(id) !== behind) continue
        try {
          compiled[id] = compileMessage(words)
        } catch (error) {
          throw new Error(`${basename(path)}: ${id}: ${error.message}`, { cause: error })
        }
      }
      return { code: `export const messages = JSON.parse(${JSON.stringify(JSON.stringify(compiled))})`, map: null }
    },
  }
}
