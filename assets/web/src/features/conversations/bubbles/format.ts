/**
 * Reads the marks people write in WhatsApp (*bold*, _italic_, ~strike~, `code`, ```mono```, > quote, lists) and the
 * addresses in a text. The answer is a tree that is drawn as elements, never as HTML, and every sign of the text is in
 * it once: `source(parse(text))` is the text again.
 */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'code'; text: string; mark: string }
  | { kind: Emphasis; children: Inline[] }
export type Block =
  | { kind: 'lines'; children: Inline[] }
  | { kind: 'quote'; children: Inline[]; marks: string[] }
  | { kind: 'list'; isOrdered: boolean; start: number; items: { mark: string; children: Inline[] }[] }
  | { kind: 'mono'; text: string }
type Emphasis = 'bold' | 'italic' | 'strike'

const EMPHASIS: Record<string, Emphasis> = { '*': 'bold', _: 'italic', '~': 'strike' }
const MARK_OF = { bold: '*', italic: '_', strike: '~' } as const
const FENCE = '```'

export function parse(text: string): Block[] {
  const blocks: Block[] = []
  let rest = 0
  // A fence spans lines; everything between its signs is as it was typed.
  for (const { start, end } of fences(text)) {
    const alone = (start === 0 || text[start - 1] === '\n') && (end === text.length || text[end] === '\n')
    if (!alone) continue
    if (start > rest) blocks.push(...lines(text.slice(rest, start - 1)))
    blocks.push({ kind: 'mono', text: text.slice(start + FENCE.length, end - FENCE.length) })
    rest = end + 1
  }
  if (rest <= text.length) blocks.push(...lines(text.slice(rest)))
  return blocks
}

function fences(text: string): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = []
  for (let start = text.indexOf(FENCE); start >= 0; ) {
    const close = text.indexOf(FENCE, start + FENCE.length)
    if (close < 0) break
    if (text.slice(start + FENCE.length, close).trim() === '') {
      start = close
      continue
    }
    found.push({ start, end: close + FENCE.length })
    start = text.indexOf(FENCE, close + FENCE.length)
  }
  return found
}

const QUOTE = /^> ?/
const BULLET = /^[-*•] (?=\S)/
const NUMBER = /^(\d{1,3})[.)] (?=\S)/

/** Lines of one kind stand together: plain ones, a quote, a list. */
function lines(text: string): Block[] {
  const blocks: Block[] = []
  let plain: string[] = []
  const settle = () => {
    if (plain.length > 0) blocks.push({ kind: 'lines', children: inline(plain.join('\n')) })
    plain = []
  }
  const add = (line: string) => {
    const last = plain.length === 0 ? blocks.at(-1) : undefined
    const quote = QUOTE.exec(line)?.[0]
    if (quote !== undefined) {
      const children = inline(line.slice(quote.length))
      if (last?.kind === 'quote') {
        last.marks.push(quote)
        last.children.push({ kind: 'text', text: '\n' }, ...children)
      } else {
        settle()
        blocks.push({ kind: 'quote', marks: [quote], children })
      }
      return
    }
    const bullet = BULLET.exec(line)?.[0]
    const number = bullet === undefined ? NUMBER.exec(line) : null
    const mark = bullet ?? number?.[0]
    if (mark === undefined) {
      plain.push(line)
      return
    }
    const item = { mark, children: inline(line.slice(mark.length)) }
    const next = last?.kind === 'list' ? last.start + last.items.length : 0
    if (last?.kind === 'list' && last.isOrdered === (number !== null) && (!number || Number(number[1]) === next)) {
      last.items.push(item)
    } else {
      settle()
      blocks.push({ kind: 'list', isOrdered: number !== null, start: number ? Number(number[1]) : 1, items: [item] })
    }
  }
  for (const line of text.split('\n')) add(line)
  settle()
  return blocks
}

interface Atom {
  start: number
  end: number
  node: Inline
}

const LETTER = /[\p{L}\p{N}]/u
const isLetter = (sign: string | undefined) => sign !== undefined && LETTER.test(sign)
const isBlank = (sign: string | undefined) => sign === undefined || /\s/.test(sign)

/** One paragraph. Takes time in proportion to its length, whatever a stranger puts into it. */
function inline(text: string): Inline[] {
  const atoms = atomsOf(text)
  const closers = closersOf(text, atoms)
  return walk(0, text.length, '')

  function walk(from: number, to: number, within: string): Inline[] {
    const nodes: Inline[] = []
    let plain = from
    const settle = (until: number) => {
      if (until > plain) nodes.push({ kind: 'text', text: text.slice(plain, until) })
    }
    let atom = firstFrom(atoms, from)
    for (let at = from; at < to; ) {
      while (atom < atoms.length && atoms[atom]!.start < at) atom++
      const here = atoms[atom]
      if (here?.start === at) {
        settle(at)
        nodes.push(here.node)
        at = plain = here.end
        continue
      }
      const sign = text[at]!
      const kind = EMPHASIS[sign]
      if (kind && !within.includes(sign) && opens(text, at)) {
        const close = closers[sign]?.after(at + 1)
        if (close !== undefined && close < to && lineEnd(text, at) > close) {
          settle(at)
          nodes.push({ kind, children: walk(at + 1, close, within + sign) })
          at = plain = close + 1
          continue
        }
      }
      at++
    }
    settle(to)
    return nodes
  }
}

const opens = (text: string, at: number) => !isLetter(text[at - 1]) && !isBlank(text[at + 1]) && text[at + 1] !== text[at]
const closes = (text: string, at: number) => !isBlank(text[at - 1]) && !isLetter(text[at + 1]) && text[at + 1] !== text[at]

/** Where each mark may close, asked for in rising order or not. */
function closersOf(text: string, atoms: readonly Atom[]): Record<string, { after: (at: number) => number | undefined }> {
  const places: Record<string, number[]> = { '*': [], _: [], '~': [] }
  let atom = 0
  for (let at = 1; at < text.length; at++) {
    while (atom < atoms.length && atoms[atom]!.end <= at) atom++
    if (atoms[atom] && atoms[atom]!.start <= at) continue
    if (EMPHASIS[text[at]!] && closes(text, at)) places[text[at]!]!.push(at)
  }
  return Object.fromEntries(Object.entries(places).map(([sign, all]) => [sign, { after: (at) => all[lowerBound(all.length, (index) => all[index]! > at)] }]))
}

/** The first of `count` indices that fits, where all after a fitting one fit. */
function lowerBound(count: number, fits: (index: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (fits(middle)) high = middle
    else low = middle + 1
  }
  return low
}
const firstFrom = (atoms: readonly Atom[], at: number) => lowerBound(atoms.length, (index) => atoms[index]!.start >= at)

/** A mark means nothing to the next line. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** Web addresses with and without their protocol, mail addresses; `code` and ```mono``` inside a line. */
const ATOM = /```(?=[^`]*[^`\s])[^`\n]+```|`[^`\n]+`|https?:\/\/[^\s<>"]+|www\.[\p{L}\p{N}-]+\.[^\s<>"]+|[\w.+-]{1,64}@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+|(?<![\p{L}\p{N}@./_-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}(?:com|net|org|eu|br|fr|pt)(?![\p{L}\p{N}@-])(?:[/?#][^\s<>"]*)?/giu

function atomsOf(text: string): Atom[] {
  const atoms: Atom[] = []
  for (const match of text.matchAll(ATOM)) {
    const found = match[0]
    const start = match.index
    if (found.startsWith('`')) {
      const mark = found.startsWith(FENCE) ? FENCE : '`'
      atoms.push({ start, end: start + found.length, node: { kind: 'code', mark, text: found.slice(mark.length, -mark.length) } })
      continue
    }
    const address = trimmed(found)
    const href = hrefOf(address)
    if (href) atoms.push({ start, end: start + address.length, node: { kind: 'link', text: address, href } })
  }
  return atoms
}

/** Closing punctuation belongs to the sentence, and a bracket to whoever opened it. */
function trimmed(address: string): string {
  let end = address.length
  for (; end > 0; end--) {
    const sign = address[end - 1]!
    if (sign === ')' && opened(address, end) > 0) break
    if (!/[.,;:!?…'"»”’)\]}*_~]/.test(sign)) break
  }
  return address.slice(0, end)
}

function opened(address: string, end: number): number {
  let balance = 0
  for (let at = 0; at < end; at++) balance += address[at] === '(' ? 1 : 0
  for (let at = 0; at < end - 1; at++) balance -= address[at] === ')' ? 1 : 0
  return balance
}

/** Where a link leads: the web, or a mail. Nothing else is ever a link. */
export function hrefOf(address: string): string | null {
  const isMail = /^[\w.+-]+@[^@/]+$/.test(address)
  const whole = /^https?:\/\//i.test(address) ? address : isMail ? `mailto:${address}` : `https://${address}`
  try {
    const url = new URL(whole)
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) && (isMail || url.hostname.length > 0) ? whole : null
  } catch {
    return null
  }
}

/** The text a tree was read from. */
export function source(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      switch (block.kind) {
        case 'mono':
          return FENCE + block.text + FENCE
        case 'lines':
          return words(block.children)
        case 'quote': {
          const [first = '', ...more] = block.marks
          let line = 0
          return first + block.children.map((node) => (node.kind === 'text' && node.text === '\n' ? `\n${more[line++] ?? ''}` : words([node]))).join('')
        }
        case 'list':
          return block.items.map((item) => item.mark + words(item.children)).join('\n')
      }
    })
    .join('\n')
}

function words(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if (node.kind === 'text' || node.kind === 'link') return node.text
      if (node.kind === 'code') return node.mark + node.text + node.mark
      const mark = MARK_OF[node.kind]
      return mark + words(node.children) + mark
    })
    .join('')
}

/** The words alone, on one line: for lists and quotes, where marks would only be signs. */
export function plainWords(text: string): string {
  const bare = (nodes: readonly Inline[]): string => nodes.map((node) => ('children' in node ? bare(node.children) : node.text)).join('')
  const of = (block: Block) => (block.kind === 'mono' ? block.text : block.kind === 'list' ? block.items.map((item) => bare(item.children)).join(' · ') : bare(block.children))
  return parse(text).map(of).join(' ').replace(/\s+/g, ' ').trim()
}
