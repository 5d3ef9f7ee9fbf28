import { expect, test } from 'vitest'
import { cut, pieces } from './highlight'

const marked = (text: string, query: string) => pieces(text, query).map((piece) => (piece.marked ? `[${piece.text}]` : piece.text)).join('')

test.each([
  ['Ligação perdida', 'ligacao', '[Ligação] perdida'],
  ['Êmile était là', 'etait', 'Êmile [était] là'],
  ['a b c', 'b', 'a b c'],
  ['chave e hangar', 'ha', 'chave e [ha]ngar'],
  ['ordem 1234', '34', 'ordem 12[34]'],
  ['<img src=x onerror=alert(1)> oi', 'oi', '<img src=x onerror=alert(1)> [oi]'],
  ['😀 olá 😀', 'ola', '😀 [olá] 😀'],
  ['', 'x', ''],
])('%s ? %s', (text, query, expected) => expect(marked(text, query)).toBe(expected))

test('ranges of the server, touching and overlapping', () => {
  expect(cut('Onde está o guincho?', [[12, 16], [15, 19]])).toEqual([
    { text: 'Onde está o ', marked: false },
    { text: 'guincho', marked: true },
    { text: '?', marked: false },
  ])
})
