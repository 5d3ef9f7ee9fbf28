import { expect, test } from 'vitest'
import { qrCode, qrPath } from './qr'

/** As another encoder draws it, and a reader reads it. */
const KNOWN = `
#######...##.#.#..#######
#.....#..#.#.###..#.....#
#.###.#.#.##.#.##.#.###.#
#.###.#.####..###.#.###.#
#.###.#.#..#....#.#.###.#
#.....#.#......#..#.....#
#######.#.#.#.#.#.#######
........##.##.###........
#.#####..#.#......#####..
.#.###....#..##.#....#...
#.##..##...#.#####..#.###
..##.#.##..###.#####....#
.##..####...#.#####.###.#
##.#.#.#.##.....#..#..#.#
#.#...##.####..######.###
#....#..#.##..##..###....
#..####.##.#...########.#
........##..#####...#..#.
#######..#...##.#.#.##..#
#.....#.##..##..#...#..##
#.###.#.##..#.#########.#
#.###.#.#......####.#..##
#.###.#.##.##......#....#
#.....#....#..######.#..#
#######.##.#.....########
`.trim()

test('a code that readers read', () => {
  expect(qrCode('2@code-of-default')!.map((row) => row.map((dark) => (dark ? '#' : '.')).join('')).join('\n')).toBe(KNOWN)
})

test('grows with the text, and says where there is no room', () => {
  const sizes = [14, 15, 26, 250, 666].map((length) => qrCode('x'.repeat(length))!.length)
  expect(sizes).toEqual([21, 25, 25, 61, 97])
  expect(qrCode('x'.repeat(667))).toBeNull()
  // A letter beyond ASCII takes more than one byte.
  expect(qrCode('é'.repeat(14))!.length).toBe(29)
})

test('neighbours in a row are one stroke', () => {
  expect(qrPath([[true, true, false, true], [false, false, false, false]])).toBe('M0 0h2v1h-2zM3 0h1v1h-1z')
})
