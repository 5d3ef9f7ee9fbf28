import type { FieldProblem, NewTemplate, Template, TemplateButton, TemplateCategory, TemplateChange, TemplateGap, TemplateHeader } from '@/api/types'

/** Meta's limits, in characters and pieces. The server holds the same ones. */
export const LIMITS = { name: 512, headerText: 60, body: 1_024, footer: 60, buttons: 10, buttonText: 25, url: 2_000, phone: 20, code: 20, example: 1_024 } as const
/** Buttons of one kind. */
export const KIND_MAX: Record<TemplateButton['kind'], number> = { QUICK_REPLY: 10, URL: 2, PHONE: 1, COPY_CODE: 1, FLOW: 1, CATALOG: 1 }

export const CATEGORIES: readonly TemplateCategory[] = ['UTILITY', 'MARKETING', 'AUTHENTICATION']
export type HeaderKind = TemplateHeader['kind'] | 'NONE'
export const HEADERS: readonly HeaderKind[] = ['NONE', 'TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION']

/** Languages as Meta writes them; those this product speaks first. */
export const LANGUAGES = ['pt_BR', 'pt_PT', 'fr', 'en', 'en_GB', 'en_US', 'es', 'es_AR', 'es_ES', 'es_MX', 'de', 'it', 'nl', 'ca', 'pl', 'ro', 'tr', 'ar', 'uk', 'ru', 'zh_CN', 'zh_HK', 'ja', 'ko'] as const

export interface DraftButton {
  /** Keeps a row's place on screen while others come and go. */
  key: number
  kind: TemplateButton['kind']
  text: string
  url: string
  phone: string
}

/** A template as it is being written. */
export interface Draft {
  name: string
  language: string
  category: TemplateCategory
  header: HeaderKind
  headerText: string
  /** A file handed in that shows what the header will hold. */
  mediaId: string | null
  body: string
  footer: string
  buttons: DraftButton[]
  /** What stands in a gap, for whoever looks the template over, by the gap's key. */
  examples: Record<string, string>
  /** Of a template with a code: the provider writes the words. */
  warns: boolean
  expiresMinutes: string
}

export const emptyDraft = (language: string): Draft => ({ name: '', language, category: 'UTILITY', header: 'NONE', headerText: '', mediaId: null, body: '', footer: '', buttons: [], examples: {}, warns: true, expiresMinutes: '' })

export function draftOf(template: Template): Draft {
  return {
    ...emptyDraft(template.language),
    name: template.name,
    category: template.category,
    header: template.header?.kind ?? 'NONE',
    headerText: template.header?.text ?? '',
    mediaId: template.header?.mediaId ?? null,
    body: template.body,
    footer: template.footer ?? '',
    buttons: template.buttons.map((button, key) => ({ key, kind: button.kind, text: button.text, url: button.url ?? '', phone: button.phone ?? '' })),
    examples: Object.fromEntries(template.variables.map(({ name, example }) => [name, example ?? ''])),
  }
}

const GAP = /\{\{\s*([^{}]*?)\s*\}\}/g
const isNumber = (name: string) => /^\d+$/.test(name)

/** Names of a text's gaps, in order, as often as they stand there. */
export const gapNames = (text: string): string[] => Array.from(text.matchAll(GAP), ([, name]) => name!)

/** The gaps of a draft as one reads them, each once; by the names the server gives them: `1`, `header.1`, `button.0`. */
export function gapsOf(draft: Draft): TemplateGap[] {
  const gaps: TemplateGap[] = []
  const add = (name: string, where: TemplateGap['where'], button?: number) => {
    if (!gaps.some((gap) => gap.name === name && gap.where === where && gap.button === button)) gaps.push({ name, where, ...(button !== undefined && { button }), example: draft.examples[name]?.trim() ?? '' })
  }
  if (draft.category === 'AUTHENTICATION') return gaps
  if (draft.header === 'TEXT') for (const name of gapNames(draft.headerText)) add(isNumber(name) ? `header.${name}` : name, 'header')
  for (const name of gapNames(draft.body)) add(name, 'body')
  draft.buttons.forEach((button, index) => {
    if (button.kind === 'COPY_CODE' || (button.kind === 'URL' && gapNames(button.url).length > 0)) add(`button.${index}`, 'button', index)
  })
  return gaps
}

/** The gap that comes next in the body: a number after the last, so that nobody has to count. */
export function nextGap(body: string): string {
  const numbers = gapNames(body).filter(isNumber).map(Number)
  return `{{${Math.max(0, ...numbers) + 1}}}`
}

/** Signs as people count them. */
export const lengthOf = (text: string) => [...text.trim()].length

/** What the server or the provider would refuse, by field; the codes name the rule, so that each has words of its own. */
export function problemsOf(draft: Draft): FieldProblem[] {
  const found: FieldProblem[] = []
  const that = (ok: boolean, field: string, code: string) => {
    if (!ok && !found.some((one) => one.field === field)) found.push({ field, code, detail: '' })
  }
  const within = (text: string, max: number, field: string) => {
    that(lengthOf(text) > 0, field, 'required')
    that(lengthOf(text) <= max, field, 'too_long')
  }
  within(draft.name, LIMITS.name, 'name')
  that(/^[a-z0-9_]*$/.test(draft.name.trim()), 'name', 'small_letters')
  that(/^[a-z]{2,3}(_[A-Za-z0-9]{2,4})?$/.test(draft.language), 'language', 'format')
  if (draft.category === 'AUTHENTICATION') {
    const minutes = draft.expiresMinutes.trim()
    that(minutes === '' || (/^\d+$/.test(minutes) && Number(minutes) >= 1 && Number(minutes) <= 90), 'code.expiresMinutes', 'out_of_range')
    return found
  }
  if (draft.header === 'TEXT') {
    within(draft.headerText, LIMITS.headerText, 'header.text')
    that(gapNames(draft.headerText).length <= 1, 'header.text', 'one_gap')
    that(!/[*~`\n]/.test(draft.headerText), 'header.text', 'plain')
    gapOrder(draft.headerText, 'header.text', that)
  }
  if (draft.header === 'IMAGE' || draft.header === 'VIDEO' || draft.header === 'DOCUMENT') that(draft.mediaId !== null, 'header.mediaId', 'required')
  within(draft.body, LIMITS.body, 'body')
  gapOrder(draft.body, 'body', that)
  const body = draft.body.trim()
  that(!/^\{\{[^{}]*\}\}|\{\{[^{}]*\}\}$/.test(body), 'body', 'gap_edge')
  that(!/\}\}\s*\{\{/.test(body), 'body', 'gap_touching')
  that(lengthOf(draft.footer) <= LIMITS.footer, 'footer', 'too_long')
  that(gapNames(draft.footer).length === 0, 'footer', 'no_gap')
  that(draft.buttons.length <= LIMITS.buttons, 'buttons', 'too_long')
  const turns = draft.buttons.filter((button, at) => at > 0 && (button.kind === 'QUICK_REPLY') !== (draft.buttons[at - 1]!.kind === 'QUICK_REPLY')).length
  that(turns <= 1, 'buttons', 'answers_together')
  draft.buttons.forEach((button, at) => {
    within(button.text, LIMITS.buttonText, `buttons.${at}.text`)
    that(gapNames(button.text).length === 0, `buttons.${at}.text`, 'no_gap')
    if (button.kind === 'URL') {
      const url = button.url.trim()
      within(url, LIMITS.url, `buttons.${at}.url`)
      that(/^https?:\/\/[^\s/]+\.?[^\s]*$/.test(url), `buttons.${at}.url`, 'format')
      const gaps = gapNames(url)
      that(gaps.length === 0 || (gaps.length === 1 && isNumber(gaps[0]!) && url.endsWith('}}')), `buttons.${at}.url`, 'gap_at_end')
    }
    if (button.kind === 'PHONE') that(/^\+?\d{5,19}$/.test(button.phone.replace(/[\s().-]/g, '')), `buttons.${at}.phone`, 'format')
  })
  for (const { name, where, example } of gapsOf(draft)) {
    // The code itself may be left to the sender.
    const code = where === 'button' && draft.buttons[Number(name.split('.')[1])]?.kind === 'COPY_CODE'
    within(example ?? '', code ? LIMITS.code : LIMITS.example, `variables.${name}`)
  }
  return found
}

/** All gaps by number from one on without a hole, or all by name; between two braces each. */
function gapOrder(text: string, field: string, that: (ok: boolean, field: string, code: string) => void): void {
  const names = gapNames(text)
  that((text.match(/\{\{/g)?.length ?? 0) === names.length && (text.match(/\}\}/g)?.length ?? 0) === names.length, field, 'braces')
  const named = names.some((name) => !isNumber(name))
  if (named) that(names.every((name) => /^[a-z][a-z0-9_]*$/.test(name)), field, 'gap_names')
  else that([...new Set(names.map(Number))].sort((a, b) => a - b).every((number, at) => number === at + 1), field, 'gap_numbers')
}

/** A button of this kind where its like are: the provider wants answers side by side. */
export function withButton(buttons: readonly DraftButton[], kind: DraftButton['kind']): DraftButton[] {
  const one: DraftButton = { key: Math.max(0, ...buttons.map(({ key }) => key)) + 1, kind, text: '', url: '', phone: '' }
  const answer = kind === 'QUICK_REPLY'
  const last = buttons.findLastIndex((button) => (button.kind === 'QUICK_REPLY') === answer)
  const at = last < 0 ? buttons.length : last + 1
  return [...buttons.slice(0, at), one, ...buttons.slice(at)]
}

/** Examples stay with their button when others before it go or change places. */
export function moved(draft: Draft, buttons: DraftButton[]): Draft {
  const examples = Object.fromEntries(Object.entries(draft.examples).filter(([name]) => !name.startsWith('button.')))
  buttons.forEach((button, at) => {
    const before = draft.buttons.findIndex(({ key }) => key === button.key)
    const example = draft.examples[`button.${before}`]
    if (before >= 0 && example) examples[`button.${at}`] = example
  })
  return { ...draft, buttons, examples }
}

function buttonsOf(draft: Draft): TemplateButton[] {
  return draft.buttons.map(({ kind, text, url, phone }, at) => ({
    kind,
    text: text.trim(),
    ...(kind === 'URL' && { url: url.trim() }),
    ...(kind === 'PHONE' && { phone: phone.replace(/[\s().-]/g, '') }),
    ...((kind === 'URL' || kind === 'COPY_CODE') && draft.examples[`button.${at}`]?.trim() && { example: draft.examples[`button.${at}`]!.trim() }),
  }))
}

function headerOf({ header, headerText, mediaId }: Draft): TemplateHeader | null {
  if (header === 'NONE') return null
  return { kind: header, ...(header === 'TEXT' && { text: headerText.trim() }), ...(header !== 'TEXT' && header !== 'LOCATION' && mediaId && { mediaId }) }
}

const codeOf = ({ warns, expiresMinutes }: Draft) => ({ warns, expiresMinutes: expiresMinutes.trim() === '' ? null : Number(expiresMinutes) })

export function newTemplate(draft: Draft): NewTemplate {
  const head = { name: draft.name.trim(), language: draft.language, category: draft.category }
  if (draft.category === 'AUTHENTICATION') return { ...head, body: '', buttons: [{ kind: 'COPY_CODE', text: draft.buttons[0]?.text.trim() ?? '' }], variables: [], code: codeOf(draft) }
  const header = headerOf(draft)
  return { ...head, ...(header && { header }), body: draft.body.trim(), ...(draft.footer.trim() && { footer: draft.footer.trim() }), buttons: buttonsOf(draft), variables: gapsOf(draft) }
}

export function templateChange(template: Template, draft: Draft): TemplateChange {
  const category = draft.category === template.category ? {} : { category: draft.category }
  if (draft.category === 'AUTHENTICATION') return { ...category, buttons: [{ kind: 'COPY_CODE', text: draft.buttons[0]?.text.trim() ?? '' }], code: codeOf(draft) }
  return { ...category, header: headerOf(draft), body: draft.body.trim(), footer: draft.footer.trim() || null, buttons: buttonsOf(draft), variables: gapsOf(draft) }
}

/** A draft as what its reader would see; gaps show their examples, or stand out where there is none yet. */
export function shownDraft(draft: Draft): Pick<Template, 'category' | 'header' | 'body' | 'footer' | 'buttons' | 'variables'> {
  return { category: draft.category, header: headerOf(draft), body: draft.body, footer: draft.footer, buttons: buttonsOf(draft), variables: gapsOf(draft) }
}

/** May it be changed now? The provider looks over one at a time. */
export const isEditable = (template: Template): boolean => ['APPROVED', 'REJECTED', 'PAUSED'].includes(template.status) && !template.unsupported
