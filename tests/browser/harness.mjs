// Starts the real program in a folder of its own, opens it in a real Chromium, and holds the promises that
// every page keeps: nothing breaks the content policy, no host but the box is asked, no message id is left
// without words, nothing throws.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'

const BIN = process.env.FAROL_BIN ?? 'target/release/farol'
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
/** How long the program may take to say `ready`; a demo tells a year first. */
const READY_MS_MAX = 60_000
/** How long anything on a page may take on a busy machine. */
export const PATIENCE_MS = 20_000

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A running program: `farol VERB …` on a free port, in a folder that goes when it stops. */
export class Farol {
  static async start(verb, ...args) {
    const folder = mkdtempSync(join(tmpdir(), 'farol-browser-'))
    const own = new Farol()
    own.folder = folder
    own.lines = []
    const data = verb === 'serve' ? ['--data', join(folder, 'data')] : []
    // Nothing of the machine's own configuration may reach in.
    const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8' }
    own.process = spawn(BIN, [verb, '--listen', '127.0.0.1:0', ...data, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    own.log = ''
    own.process.stderr.on('data', (bytes) => { own.log = (own.log + bytes).slice(-20_000) })
    own.ended = new Promise((resolve) => own.process.once('exit', (code) => resolve(code)))
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not ready in time\n${own.log}`)), READY_MS_MAX)
      let rest = ''
      own.process.stdout.on('data', (bytes) => {
        rest += bytes
        for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
          const line = rest.slice(0, end)
          rest = rest.slice(end + 1)
          own.lines.push(line)
          if (line.startsWith('ready ')) {
            own.url = line.slice('ready '.length).trim()
            clearTimeout(late)
            resolve()
          }
        }
      })
      own.process.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready\n${own.log}`)))
    })
    return own
  }
  /** The sign-ins a demo prints: name, role, e-mail, password in columns. */
  get signIns() {
    const rows = this.lines.map((line) => line.trim().split(/\s{2,}/)).filter((cells) => cells.length === 4 && cells[2].includes('@'))
    return rows.map(([name, role, email, password]) => ({ name, role, email, password }))
  }
  /** The address with the one-time code. */
  get setupUrl() {
    return this.lines.find((line) => line.startsWith('setup '))?.slice('setup '.length).trim()
  }
  async stop() {
    this.process.kill('SIGTERM')
    const code = await Promise.race([this.ended, new Promise((resolve) => setTimeout(() => resolve('not at all'), 15_000))])
    if (code === 'not at all') this.process.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
    assert.equal(code, 0, `the program ends well when asked to; it ended with ${code}\n${this.log}`)
  }
}

let browser
/** One Chromium for the file. */
export async function openBrowser() {
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  return browser
}
export async function closeBrowser() {
  await browser?.close()
  browser = undefined
}

/** A person at the box: their own cookies, language and screen. */
export async function person(farol, { locale = 'en-GB', width = 1280, height = 800, colorScheme = 'light' } = {}) {
  const context = await (await openBrowser()).newContext({ baseURL: farol.url, locale, viewport: { width, height }, colorScheme })
  context.setDefaultTimeout(PATIENCE_MS)
  const wrong = []
  const home = new URL(farol.url).host
  await context.exposeBinding('tellViolation', (_, what) => wrong.push(`content policy: ${what}`))
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) => globalThis.tellViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))
  })
  context.on('request', (request) => {
    const url = new URL(request.url())
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== home) wrong.push(`asked another host: ${url.host}`)
  })
  context.on('weberror', (error) => wrong.push(`threw: ${error.error().message}`))
  const page = await context.newPage()
  return {
    page,
    context,
    /** What every page promises; call it where the page stands still. */
    async isSound(where) {
      assert.deepEqual(wrong, [], where)
      assert.deepEqual(await nakedIds(page), [], `${where}: message ids without words`)
      await page.evaluate(AXE)
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
      const grave = violations.filter((v) => ['serious', 'critical'].includes(v.impact))
      const told = grave.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`)
      assert.deepEqual(told, [], `${where}: for people who can't see or hold a mouse`)
    },
    async signIn({ email, password }) {
      await page.goto('/')
      await page.locator('input[name=email]').fill(email)
      await page.locator('input[name=password]').fill(password)
      await page.locator('button[type=submit]').click()
      await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
    },
    close: () => context.close(),
  }
}

/** Texts on the page that look like `room.thing`: an id shows itself where a translation is missing. */
const nakedIds = (page) => page.evaluate(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = []
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim()
    if (/^[a-z][A-Za-z]+(\.[a-z][A-Za-z]+)+$/.test(text) && node.parentElement.checkVisibility()) found.push(text)
  }
  return found
})
