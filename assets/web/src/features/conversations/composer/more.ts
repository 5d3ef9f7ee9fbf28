import type { Limits } from './abilities'
import type { More } from './contract'

/** Buttons, a list or a link below words, while they are being put together. */
export interface Draft {
  kind: 'BUTTONS' | 'LIST' | 'LINK'
  header: string
  body: string
  footer: string
  buttons: string[]
  /** The button that opens the list. */
  listButton: string
  sections: { title: string; rows: { title: string; description: string }[] }[]
  linkTitle: string
  url: string
}

export const emptyDraft = (kind: Draft['kind']): Draft => ({ kind, header: '', body: '', footer: '', buttons: ['', ''], listButton: '', sections: [{ title: '', rows: [{ title: '', description: '' }] }], linkTitle: '', url: '' })

/** Fields of the builder that are not right yet, with a code each; the names are those of the builder's inputs. */
export type Problems = Record<string, 'required' | 'tooLong' | 'same' | 'url' | 'few'>

export function problemsOf(draft: Draft, limits: Limits): Problems {
  const found: Problems = {}
  const words = (field: string, text: string, max: number, isNeeded = true) => {
    if (isNeeded && text.trim() === '') found[field] = 'required'
    else if (text.trim().length > max) found[field] = 'tooLong'
  }
  words('body', draft.body, limits.interactiveBody)
  words('header', draft.header, limits.header, false)
  words('footer', draft.footer, limits.footer, false)
  if (draft.kind === 'BUTTONS') {
    draft.buttons.forEach((title, index) => {
      words(`button.${index}`, title, limits.buttonTitle)
      if (title.trim() !== '' && draft.buttons.findIndex((other) => other.trim() === title.trim()) < index) found[`button.${index}`] = 'same'
    })
  } else if (draft.kind === 'LIST') {
    words('listButton', draft.listButton, limits.buttonTitle)
    const titles: string[] = []
    draft.sections.forEach((section, s) => {
      // With one section alone its heading may be left out.
      words(`section.${s}`, section.title, limits.sectionTitle, draft.sections.length > 1)
      section.rows.forEach((row, r) => {
        words(`row.${s}.${r}`, row.title, limits.rowTitle)
        words(`description.${s}.${r}`, row.description, limits.rowDescription, false)
        if (row.title.trim() !== '' && titles.includes(row.title.trim())) found[`row.${s}.${r}`] = 'same'
        titles.push(row.title.trim())
      })
    })
  } else {
    words('linkTitle', draft.linkTitle, limits.buttonTitle)
    if (!/^https?:\/\/[^\s/.]+\.[^\s]+$/i.test(draft.url.trim())) found.url = draft.url.trim() === '' ? 'required' : 'url'
  }
  return found
}

/** What is sent: empty words left out, ids by place. */
export function moreOf(draft: Draft): More {
  const header = draft.header.trim() || undefined
  const footer = draft.footer.trim() || undefined
  const base = { kind: draft.kind, header, footer }
  if (draft.kind === 'BUTTONS') return { type: 'INTERACTIVE', interactive: { ...base, buttons: draft.buttons.map((title, index) => ({ id: `b${index + 1}`, title: title.trim() })) } }
  if (draft.kind === 'LINK') return { type: 'INTERACTIVE', interactive: { ...base, buttons: [{ title: draft.linkTitle.trim(), url: draft.url.trim() }] } }
  let row = 0
  const sections = draft.sections.map((section) => ({
    title: section.title.trim() || undefined,
    rows: section.rows.map(({ title, description }) => ({ id: `r${++row}`, title: title.trim(), description: description.trim() || undefined })),
  }))
  return { type: 'INTERACTIVE', interactive: { ...base, buttons: [{ title: draft.listButton.trim() }], sections } }
}

export const rowsIn = (draft: Draft): number => draft.sections.reduce((sum, section) => sum + section.rows.length, 0)

/** A poll, while it is being put together. Blank options at the end are no options. */
export interface PollDraft {
  question: string
  options: string[]
  isMultiple: boolean
}

export function pollProblemsOf({ question, options }: PollDraft, limits: Limits): Problems {
  const found: Problems = {}
  if (question.trim() === '') found.question = 'required'
  else if (question.trim().length > limits.pollQuestion) found.question = 'tooLong'
  const given = options.map((option) => option.trim())
  given.forEach((option, index) => {
    if (option.length > limits.pollOption) found[`option.${index}`] = 'tooLong'
    else if (option !== '' && given.indexOf(option) < index) found[`option.${index}`] = 'same'
  })
  if (given.filter(Boolean).length < 2) found[`option.${Math.max(0, given.indexOf(''))}`] ??= 'few'
  return found
}

export const pollOf = ({ options, isMultiple }: PollDraft): More => ({ type: 'POLL', poll: { options: options.map((option) => option.trim()).filter(Boolean), isMultiple } })
