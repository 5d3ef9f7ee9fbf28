import { expect, test } from 'vitest'
import { hrefOf, parse, plainWords, source, type Inline } from './format'

/** A tree in short: B(bold) I(italic) S(strike) C(code) L(link). */
const short = (nodes: readonly Inline[]): string =>
  nodes.map((node) => (node.kind === 'text' ? node.text : node.kind === 'link' ? `L(${node.text})` : node.kind === 'code' ? `C(${node.text})` : `${node.kind[0]!.toUpperCase()}(${short(node.children)})`)).join('')
const shown = (text: string) =>
  parse(text)
    .map((block) => {
      if (block.kind === 'mono') return `M(${block.text})`
      if (block.kind === 'list') return `${block.isOrdered ? `O${block.start}` : 'U'}(${block.items.map((item) => short(item.children)).join('|')})`
      return block.kind === 'quote' ? `Q(${short(block.children)})` : short(block.children)
    })
    .join('\n')

test.each([
  ['plain words', 'plain words'],
  ['*bold*', 'B(bold)'],
  ['a *bold* word', 'a B(bold) word'],
  ['*bold*, then', 'B(bold), then'],
  ['(*bold*)', '(B(bold))'],
  ['_*both*_', 'I(B(both))'],
  ['*a _b ~c~ d_ e*', 'B(a I(b S(c) d) e)'],
  ['~no~ `*code*`', 'S(no) C(*code*)'],
  ['a ```mono``` b', 'a C(mono) b'],
  ['```\nlet x\n```', 'M(\nlet x\n)'],
  ['before\n```a\nb```\nafter', 'before\nM(a\nb)\nafter'],
  ['2*3*4 and snake_case_name', '2*3*4 and snake_case_name'],
  ['x * no * and ** neither **', 'x * no * and ** neither **'],
  ['* no * list', 'U(no * list)'],
  ['*no\nline*', '*no\nline*'],
  ['*open', '*open'],
  ['*a*b*', 'B(a*b)'],
  ['> said\n> twice\nmine', 'Q(said\ntwice)\nmine'],
  ['- one\n- *two*\nrest', 'U(one|B(two))\nrest'],
  ['3. c\n4. d\n7. g', 'O3(c|d)\nO7(g)'],
  ['2026. A year', '2026. A year'],
  ['see https://example.com/a_b_c.', 'see L(https://example.com/a_b_c).'],
  ['*https://example.com*', 'B(L(https://example.com))'],
  ['(https://example.com/w_(x))', '(L(https://example.com/w_(x)))'],
  ['www.example.com, ana@example.com', 'L(www.example.com), L(ana@example.com)'],
  ['go to example.com/now!', 'go to L(example.com/now)!'],
  ['done.com você', 'L(done.com) você'],
  ['javascript:alert(1)', 'javascript:alert(1)'],
  ['<a href="https://example.com">x</a>', '<a href="L(https://example.com)">x</a>'],
  ['', ''],
])('%j', (text, expected) => {
  expect(shown(text)).toBe(expected)
  expect(source(parse(text))).toBe(text)
})

test('whatever is written comes back to the letter, and nothing throws', () => {
  const signs = ['*', '_', '~', '`', '```', '>', '> ', '- ', '* ', '1. ', '\n', ' ', 'a', 'é', '👩‍🔧', '9', '.', '(', ')', 'https://e.co/', 'www.e.com', 'x@e.com', '\u202e', '\ud800', '<b>', '\\']
  let seed = 4711
  const next = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed % below
  }
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: next(24) }, () => signs[next(signs.length)]).join('')
    const tree = parse(text)
    if (source(tree) !== text) expect.fail(`${JSON.stringify(text)} became ${JSON.stringify(source(tree))}`)
    for (const href of JSON.stringify(tree).matchAll(/"href":"([^"]*)"/g)) if (!/^(https?:\/\/|mailto:)/i.test(href[1]!)) expect.fail(href[1])
  }
})

test('a stranger cannot stop the desk with marks', () => {
  for (const hostile of ['*a '.repeat(20_000), '_'.repeat(60_000), '*_~'.repeat(20_000), '`'.repeat(60_000), 'a.'.repeat(30_000), '> '.repeat(30_000), `http://${'('.repeat(30_000)}${')'.repeat(30_000)}`, 'x@'.repeat(30_000), '```'.repeat(20_000), '- a\n'.repeat(15_000)]) {
    const began = performance.now()
    expect(source(parse(hostile))).toBe(hostile)
    expect(performance.now() - began).toBeLessThan(1_000)
  }
})

test.each([
  ['https://example.com', 'https://example.com'],
  ['example.com', 'https://example.com'],
  ['ana@example.com', 'mailto:ana@example.com'],
  ['https://', null],
])('%s leads to %s', (address, href) => expect(hrefOf(address)).toBe(href))

test('a list shows the words alone', () => {
  expect(plainWords('*Hello* _you_\n> quoted\n- one\n- two')).toBe('Hello you quoted one · two')
})
