import type { Template, TemplateGap } from '@/api/types'
import { fold } from '@/lib/fold'

/** What fills the gaps, by their names. */
export type Values = Readonly<Record<string, string>>

/** May it be sent now? */
export const isUsable = (template: Template): boolean => template.status === 'APPROVED'

/** Those that fit what is looked for, usable ones first, then by name. */
export function found(all: readonly Template[], q: string, language: string): Template[] {
  const words = fold(q.trim()).split(/\s+/).filter(Boolean)
  const text = (one: Template) => fold(`${one.name} ${one.name.replaceAll('_', ' ')} ${one.body} ${one.header?.text ?? ''} ${one.footer ?? ''}`)
  return all
    .filter((one) => (language === '' || one.language === language) && one.status !== 'DELETED' && words.every((word) => text(one).includes(word)))
    .sort((a, b) => Number(isUsable(b)) - Number(isUsable(a)) || a.name.localeCompare(b.name) || a.language.localeCompare(b.language))
}

/** The languages that occur, each once. */
export const languagesOf = (all: readonly Template[]): string[] => [...new Set(all.map((one) => one.language))].sort()

/** The template's language as its reader calls it: `Português (Brasil)`. */
export function languageWords(language: string, locale: string): string {
  try {
    return new Intl.DisplayNames([locale], { type: 'language' }).of(language.replace('_', '-')) ?? language
  } catch {
    return language
  }
}

export interface Filled {
  header?: string
  body: string
  footer?: string
  buttons: { text: string; url?: string }[]
}

/** How it reads with its gaps filled; a gap that nothing fills yet keeps its braces. A gap's name is where it is as well: `header.1`, `button.0`. */
export function filled(template: Template, values: Values): Filled {
  const put = (text: string, keys: (name: string) => string[]) =>
    text.replaceAll(/\{\{\s*([^{}]+?)\s*\}\}/g, (braces, name: string) => keys(name).map((key) => values[key]?.trim()).find(Boolean) ?? braces)
  return {
    header: template.header?.text ? put(template.header.text, (name) => [`header.${name}`, name]) : undefined,
    body: put(template.body, (name) => [name]),
    footer: template.footer ?? undefined,
    buttons: template.buttons.map((button, index) => ({ text: button.text, url: button.url ? put(button.url, (name) => [`button.${index}`, name]) : undefined })),
  }
}

export type GapProblem = 'required' | 'flat' | 'noSpaces'

/** Gaps that are not filled as the provider wants them. */
export function gapProblems(gaps: readonly TemplateGap[], values: Values): Record<string, GapProblem> {
  const wrong: Record<string, GapProblem> = {}
  for (const { name, where } of gaps) {
    const value = values[name] ?? ''
    if (value.trim() === '') wrong[name] = 'required'
    else if (/[\n\r\t]| {4}/.test(value)) wrong[name] = 'flat'
    else if (where === 'button' && /\s/.test(value.trim())) wrong[name] = 'noSpaces'
  }
  return wrong
}

/** All its words, as the thread will show them. */
export const textOf = ({ header, body, footer }: Filled): string => [header, body, footer].filter(Boolean).join('\n')
