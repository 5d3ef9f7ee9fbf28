// sources.mjs hash    prints the hash over everything the built app is made of
// sources.mjs write   writes it to dist/SOURCES.sha256; a test without Node recomputes it
//
// The hash is SHA-256 over lines "<sha256 of content>  <path from assets/>\n" in byte order of the paths, for
// every file below assets/web and assets/i18n except installed and generated ones.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

const ASSETS = fileURLToPath(new URL('../../', import.meta.url))
/** Not sources: installed, generated from the catalogues, or hints to git and editors. */
const LEFT_OUT = new Set(['web/node_modules', 'web/src/i18n/ids.ts', 'web/.gitignore', 'web/.vite'])
const sha256 = (data) => createHash('sha256').update(data).digest('hex')

function* files(folder) {
  for (const entry of readdirSync(join(ASSETS, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (LEFT_OUT.has(path)) continue
    if (entry.isDirectory()) yield* files(path)
    else yield path
  }
}

const paths = [...files('web'), ...files('i18n')].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
const hash = sha256(paths.map((path) => `${sha256(readFileSync(join(ASSETS, path)))}  ${path}\n`).join(''))
if (process.argv[2] === 'write') writeFileSync(join(ASSETS, 'dist/SOURCES.sha256'), `${hash}\n`)
else console.log(hash)
