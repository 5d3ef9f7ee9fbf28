import { expect, test } from 'vitest'
import { pieces } from './highlight'

const marked = (text: string, query: string) => pieces(text, query).map((piece) => (piece.marked ? `[${piece.text}]` : piece.text)).join('')

test.each([
  ['Ligação perdida', 'ligacao', '[Ligação] perdida'],
  ['Êmile était là', 'etait', 'Êmile [était] là'],
  ['a b c', 'b', 'a b c'],
  ['um guincho <b>já</b>', 'x', 'um guincho [já]'],
  ['5 &lt; 6 <em>&amp;</em>', '', '5 < 6 [&]'],
  ['<img src=x onerror=alert(1)> oi', 'oi', '<img src=x onerror=alert(1)> [oi]'],
  ['😀 olá 😀', 'ola', '😀 [olá] 😀'],
  ['', 'x', ''],
])('%s ? %s', (text, query, expected) => expect(marked(text, query)).toBe(expected))
