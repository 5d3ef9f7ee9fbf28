// Starts the real program in a folder of its own, opens it in a real Chromium, and holds the promises that
// every page keeps: nothing breaks the content policy, no host but the box is asked, no message id is left
// without words, nothing throws.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'

const BIN = process.env.FAROL_BIN ?? 'target/release/farol'
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
/** Where pictures of the screens go; without it none are taken. */
const SHOTS = process.env.FAROL_SHOTS
/** How long the program may take to say `ready`; a demo tells a year first. */
const READY_MS_MAX = 60_000
/** How long anything on a page may take on a busy machine. */
export const PATIENCE_MS = Number(process.env.FAROL_PATIENCE_MS ?? 30_000)

/** The two screens that everything must fit. */
export const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }
/** A PNG of two by two dots. */
export const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxAADCBYDAwAQHQEDkGpCTQAAAABJRU5ErkJggg==', 'base64')

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** A running program: `farol VERB …` on a free port, in a folder that goes when it stops. */
export class Farol {
  static async start(verb, ...args) {
    const folder = mkdtempSync(join(tmpdir(), 'farol-browser-'))
    const own = new Farol()
    own.folder = folder
    own.command = [verb, ...(verb === 'serve' ? ['--data', join(folder, 'data')] : []), ...args]
    await own.run('127.0.0.1:0')
    return own
  }
  async run(listen) {
    this.lines = []
    this.log = ''
    // Nothing of the machine's own configuration may reach in.
    const env = { PATH: process.env.PATH, HOME: this.folder, TMPDIR: this.folder, LANG: 'C.UTF-8' }
    this.process = spawn(BIN, [...this.command, '--listen', listen], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.process.stderr.on('data', (bytes) => { this.log = (this.log + bytes).slice(-20_000) })
    this.ended = new Promise((resolve) => this.process.once('exit', (code) => resolve(code)))
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not ready in time\n${this.log}`)), READY_MS_MAX)
      let rest = ''
      this.process.stdout.on('data', (bytes) => {
        rest += bytes
        for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
          const line = rest.slice(0, end)
          rest = rest.slice(end + 1)
          this.lines.push(line)
          if (line.startsWith('ready ')) {
            this.url = line.slice('ready '.length).trim()
            clearTimeout(late)
            resolve()
          }
        }
      })
      this.process.once('exit', (code) => reject(new Error(`ended with ${code} before it was ready\n${this.log}`)))
    })
  }
  /** The power goes. */
  async kill() {
    this.process.kill('SIGKILL')
    await this.ended
  }
  /** The power is back: the same data at the same address. */
  runAgain() {
    return this.run(new URL(this.url).host)
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

/** Asks `look` again until it gives something true, and gives that. Every wait in the suite is for what a test means. */
export async function until(what, look, patience = PATIENCE_MS) {
  const end = Date.now() + patience
  let last
  do {
    try {
      const seen = await look()
      if (seen) return seen
      last = undefined
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 40))
  } while (Date.now() < end)
  throw new Error(`waited in vain until ${what}`, { cause: last })
}

let browser
/** One Chromium for the file. */
export async function openBrowser() {
  // The microphone hums a tone, for whoever may listen to it.
  const args = ['--use-fake-device-for-media-stream', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])]
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args })
  return browser
}
export async function closeBrowser() {
  await browser?.close()
  browser = undefined
}

/** What the browser itself writes about an answer or a line that is not there; the app's own errors say something else. */
const NETWORK_WORDS = /^Failed to load resource|^WebSocket connection to |net::ERR_/

/** A person at the box: their own cookies, language and screen. */
export async function person(farol, { locale = 'en-GB', width = 1280, height = 800, colorScheme = 'light' } = {}) {
  const context = await (await openBrowser()).newContext({ baseURL: farol.url, locale, viewport: { width, height }, colorScheme, reducedMotion: 'reduce' })
  context.setDefaultTimeout(PATIENCE_MS)
  const wrong = []
  const home = new URL(farol.url).host
  const hostIsHome = (address) => {
    const url = new URL(address)
    if (!['data:', 'blob:'].includes(url.protocol) && url.host !== home) wrong.push(`asked another host: ${url.host}`)
  }
  await context.exposeBinding('tellViolation', (_, what) => wrong.push(`content policy: ${what}`))
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) => globalThis.tellViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))
  })
  context.on('request', (request) => hostIsHome(request.url()))
  context.on('weberror', (error) => wrong.push(`threw: ${error.error().message}`))
  // The app says an id without words here, wherever on the page it stands.
  context.on('console', (message) => {
    if (message.type() === 'error' && !NETWORK_WORDS.test(message.text())) wrong.push(`said an error: ${message.text()}`)
  })
  context.on('page', (page) => page.on('websocket', (line) => hostIsHome(line.url().replace(/^ws/, 'http'))))
  const page = await context.newPage()
  return {
    page,
    context,
    /** What every page promises; call it where the page stands still, on whichever page is in front. */
    async isSound(where, options) {
      assert.deepEqual(wrong, [], where)
      assert.deepEqual(await nakedIds(page), [], `${where}: message ids without words`)
      assert.deepEqual(await graveFaults(page, options), [], `${where}: for people who can't see or hold a mouse`)
    },
    async signIn({ email, password }) {
      await page.goto('/')
      await page.getByLabel(SIGN_IN.email).fill(email)
      await page.getByLabel(SIGN_IN.password).fill(password)
      await page.locator('button[type=submit]').click()
      await page.waitForURL((url) => !url.pathname.startsWith('/login'))
      await page.getByRole('main').waitFor()
    },
    /** Goes, and was never let down while here. */
    async close() {
      await context.close()
      assert.deepEqual(wrong, [], 'over the whole visit')
    },
  }
}

/** In all four languages, so that a person signs in by what they read. */
const SIGN_IN = { email: /^E-?mail|^Correo/i, password: /^(Password|Senha|Mot de passe|Contraseña)/i }

/** Serious and critical faults that axe sees. In another colour scheme only contrast can differ. */
async function graveFaults(page, { contrastOnly = false } = {}) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE)
  await stillness(page)
  const options = { resultTypes: ['violations'], ...(contrastOnly && { runOnly: ['color-contrast'] }) }
  const { violations } = await page.evaluate((options) => globalThis.axe.run(document, options), options)
  const grave = violations.filter((v) => ['serious', 'critical'].includes(v.impact))
  return grave.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} (${n.any[0]?.message ?? n.failureSummary})`).join('; ')}`)
}

/**
 * Waits until nothing moves any more: a veil that is fading in has no contrast yet, and colours that are inherited
 * pass a change of theme on from one element to the next, a frame each.
 */
export const stillness = (page) => page.evaluate(async () => {
  const moves = () => document.getAnimations().some((a) => a.playState === 'running' && Number.isFinite(a.effect?.getComputedTiming().endTime))
  const frame = () => new Promise((resolve) => { requestAnimationFrame(resolve) })
  for (let quiet = 0; quiet < 3; quiet = moves() ? 0 : quiet + 1) await frame()
})

/** Shows the page by day or by night, as the person's system says. */
export async function theme(page, colorScheme) {
  await page.emulateMedia({ colorScheme })
  await until(`the page is ${colorScheme}`, () => page.evaluate((wanted) => getComputedStyle(document.documentElement).colorScheme === wanted, colorScheme))
  await stillness(page)
}

/** Takes a picture for people to judge, if somebody asked for pictures. */
export async function picture(page, name) {
  if (!SHOTS) return
  mkdirSync(SHOTS, { recursive: true })
  await page.screenshot({ path: join(SHOTS, `${name}.png`) })
}

/**
 * Words on the page, spoken ones included, that look like `room.thing` or `{count}`: an id or a value shows
 * itself where a translation is missing. What stands in code or in typewriter letters is data and named so.
 */
const nakedIds = (page) => page.evaluate(() => {
  const found = []
  const look = (text, element) => {
    const words = text?.trim() ?? ''
    if (!/^[a-z][A-Za-z]+(\.([A-Za-z_]{1,30}|\d{1,6}))+$|\{[a-zA-Z]+(, ?plural.*)?\}/.test(words)) return
    if (!element.checkVisibility() || element.closest('code, pre, samp, .font-mono, [role=log], input, textarea')) return
    found.push(words)
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) look(node.textContent, node.parentElement)
    else for (const name of ['aria-label', 'title', 'placeholder', 'alt']) look(node.getAttribute(name), node)
  }
  return found
})
