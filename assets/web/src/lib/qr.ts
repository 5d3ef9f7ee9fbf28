/**
 * QR codes (ISO/IEC 18004): text as bytes, error correction M, up to version 20. That is 666 bytes; a code that pairs
 * a phone has about 250. Small enough to be no reason for another package.
 */
const VERSION_MAX = 20
/** By version, from 1: bytes of error correction in a block, and blocks. */
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26]
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16]

const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
]

/** The code of `text` as rows of modules, dark ones true; null where it is too long. Leave four modules of light around it. */
export function qrCode(text: string): boolean[][] | null {
  const bytes = new TextEncoder().encode(text)
  const version = fitting(bytes.length)
  if (!version) return null
  const sent = interleaved(framed(bytes, version), version)
  const blank = patterns(version)
  const candidates = MASKS.map((_, mask) => drawn(blank, sent, version, mask))
  return candidates.reduce((best, one) => (one.penalty < best.penalty ? one : best)).modules
}

/** The dark modules as the path of an SVG, in units of modules from the corner of the code. */
export function qrPath(modules: readonly (readonly boolean[])[]): string {
  const runs: string[] = []
  modules.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue
      const from = x
      while (row[x + 1]) x++
      runs.push(`M${from} ${y}h${x + 1 - from}v1h-${x + 1 - from}z`)
    }
  })
  return runs.join('')
}

const sizeOf = (version: number) => version * 4 + 17

/** Bytes of data and correction together. */
function capacity(version: number): number {
  let modules = (16 * version + 128) * version + 64
  if (version >= 2) {
    const aligned = Math.floor(version / 7) + 2
    modules -= (25 * aligned - 10) * aligned - 55
    if (version >= 7) modules -= 36
  }
  return Math.floor(modules / 8)
}

const dataBytes = (version: number) => capacity(version) - CORRECTION[version - 1]! * BLOCKS[version - 1]!
const lengthBits = (version: number) => (version < 10 ? 8 : 16)

function fitting(length: number): number | null {
  for (let version = 1; version <= VERSION_MAX; version++) if (4 + lengthBits(version) + length * 8 <= dataBytes(version) * 8) return version
  return null
}

/** Mode, length, bytes, end, and filling up to the version's room. */
function framed(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = []
  const push = (value: number, count: number) => {
    for (let i = count - 1; i >= 0; i--) bits.push((value >>> i) & 1)
  }
  const room = dataBytes(version) * 8
  push(0b0100, 4)
  push(bytes.length, lengthBits(version))
  for (const byte of bytes) push(byte, 8)
  push(0, Math.min(4, room - bits.length))
  push(0, (8 - (bits.length % 8)) % 8)
  for (let filler = 0xec; bits.length < room; filler ^= 0xec ^ 0x11) push(filler, 8)
  return Array.from({ length: room / 8 }, (_, at) => bits.slice(at * 8, at * 8 + 8).reduce((byte, bit) => byte * 2 + bit, 0))
}

/** Blocks with their correction, laid into one another so that one stain harms all of them a little. */
function interleaved(data: number[], version: number): number[] {
  const [blocks, correction] = [BLOCKS[version - 1]!, CORRECTION[version - 1]!]
  const short = Math.floor(data.length / blocks)
  const shortBlocks = blocks - (data.length % blocks)
  const divisor = generator(correction)
  let from = 0
  const parts = Array.from({ length: blocks }, (_, index) => {
    const part = data.slice(from, (from += short + (index < shortBlocks ? 0 : 1)))
    return { part, check: remainder(part, divisor) }
  })
  const out: number[] = []
  for (let at = 0; at <= short; at++) for (const { part } of parts) if (at < part.length) out.push(part[at]!)
  for (let at = 0; at < correction; at++) for (const { check } of parts) out.push(check[at]!)
  return out
}

/** Product in the field of 256 elements that QR codes use (polynomial 0x11d). */
function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((b >>> bit) & 1) * a
  }
  return product
}

/** The Reed-Solomon generator polynomial of a degree, without its leading one. */
function generator(degree: number): number[] {
  const polynomial = Array.from({ length: degree }, (_, at) => Number(at === degree - 1))
  let root = 1
  for (let i = 0; i < degree; i++) {
    for (let at = 0; at < degree; at++) polynomial[at] = times(polynomial[at]!, root) ^ (polynomial[at + 1] ?? 0)
    root = times(root, 2)
  }
  return polynomial
}

function remainder(data: readonly number[], divisor: readonly number[]): number[] {
  const rest = divisor.map(() => 0)
  for (const byte of data) {
    const factor = byte ^ rest.shift()!
    rest.push(0)
    divisor.forEach((one, at) => (rest[at]! ^= times(one, factor)))
  }
  return rest
}

type Grid = (boolean | null)[][]

/** What every code of a version has: finders, timing, alignment, version; null where data goes, false where the format will stand. */
function patterns(version: number): Grid {
  const size = sizeOf(version)
  const grid: Grid = Array.from({ length: size }, () => Array<boolean | null>(size).fill(null))
  const set = (row: number, column: number, dark: boolean) => {
    if (row >= 0 && row < size && column >= 0 && column < size) grid[row]![column] = dark
  }
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0)
    set(at, 6, at % 2 === 0)
  }
  const finder = (row: number, column: number) => {
    for (let y = -4; y <= 4; y++) {
      for (let x = -4; x <= 4; x++) {
        const ring = Math.max(Math.abs(x), Math.abs(y))
        set(row + y, column + x, ring !== 2 && ring !== 4)
      }
    }
  }
  finder(3, 3)
  finder(3, size - 4)
  finder(size - 4, 3)
  const centres = alignments(version)
  const last = centres.length - 1
  centres.forEach((row, i) => {
    centres.forEach((column, j) => {
      if ((i === 0 && (j === 0 || j === last)) || (i === last && j === 0)) return
      for (let y = -2; y <= 2; y++) for (let x = -2; x <= 2; x++) set(row + y, column + x, Math.max(Math.abs(x), Math.abs(y)) !== 1)
    })
  })
  for (let at = 0; at < 9; at++) {
    if (at !== 6) {
      set(8, at, false)
      set(at, 8, false)
    }
    if (at < 8) {
      set(8, size - 1 - at, false)
      set(size - 1 - at, 8, false)
    }
  }
  if (version >= 7) {
    const bits = (version << 12) | checked(version, 0x1f25, 12)
    for (let at = 0; at < 18; at++) {
      const dark = ((bits >>> at) & 1) === 1
      set(Math.floor(at / 3), size - 11 + (at % 3), dark)
      set(size - 11 + (at % 3), Math.floor(at / 3), dark)
    }
  }
  return grid
}

function alignments(version: number): number[] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2
  return [6, ...Array.from({ length: count - 1 }, (_, at) => sizeOf(version) - 7 - (count - 2 - at) * step)]
}

/** The remainder of a BCH code. */
function checked(value: number, polynomial: number, degree: number): number {
  let rest = value
  for (let i = 0; i < degree; i++) rest = (rest << 1) ^ ((rest >>> (degree - 1)) * polynomial)
  return rest
}

function drawn(blank: Grid, data: readonly number[], version: number, mask: number): { modules: boolean[][]; penalty: number } {
  const size = sizeOf(version)
  const modules = blank.map((row) => row.map((dark) => dark === true))
  let bit = 0
  // Two columns at a time from the right, up and down in turn; the column of the timing is stepped over.
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    const up = ((right + 1) & 2) === 0
    for (let step = 0; step < size; step++) {
      const row = up ? size - 1 - step : step
      for (const column of [right, right - 1]) {
        if (blank[row]![column] !== null) continue
        const dark = ((data[bit >>> 3] ?? 0) >>> (7 - (bit & 7))) & 1
        bit++
        modules[row]![column] = (dark === 1) !== MASKS[mask]!(row, column)
      }
    }
  }
  // Correction M is 0 in the format.
  const format = ((mask << 10) | checked(mask, 0x537, 10)) ^ 0x5412
  const is = (at: number) => ((format >>> at) & 1) === 1
  for (let at = 0; at < 15; at++) {
    modules[at < 6 ? at : at < 8 ? at + 1 : size - 15 + at]![8] = is(at)
    modules[8]![at < 8 ? size - 1 - at : at < 9 ? 7 : 14 - at] = is(at)
  }
  modules[size - 8]![8] = true
  return { modules, penalty: penalty(modules) }
}

/** How hard a reader would find it: long runs, blocks, what looks like a finder, too dark or too light. */
function penalty(modules: readonly (readonly boolean[])[]): number {
  const size = modules.length
  let points = 0
  let dark = 0
  const columns = modules.map((_, at) => modules.map((row) => row[at]!))
  for (const line of [...modules, ...columns]) {
    const words = line.map((one) => (one ? '1' : '0')).join('')
    for (const run of words.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2
    for (let at = 0; at + 11 <= size; at++) {
      const part = words.slice(at, at + 11)
      if (part === '10111010000' || part === '00001011101') points += 40
    }
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const one = modules[y]![x]!
      if (one) dark++
      if (y + 1 < size && x + 1 < size && modules[y + 1]![x] === one && modules[y]![x + 1] === one && modules[y + 1]![x + 1] === one) points += 3
    }
  }
  return points + Math.floor(Math.abs((dark * 20) / (size * size) - 10)) * 10
}
