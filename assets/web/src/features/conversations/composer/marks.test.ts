import { expect, test } from 'vitest'
import { marked, type Mark } from './marks'

/** The selection stands between bars. */
function check(before: string, mark: Mark, after: string) {
  const start = before.indexOf('|')
  const end = before.lastIndexOf('|') - (before.lastIndexOf('|') > start ? 1 : 0)
  const next = marked({ text: before.replaceAll('|', ''), start, end }, mark)
  const shown = next.start === next.end ? `${next.text.slice(0, next.start)}|${next.text.slice(next.end)}` : `${next.text.slice(0, next.start)}|${next.text.slice(next.start, next.end)}|${next.text.slice(next.end)}`
  expect(shown).toBe(after)
}

test('marks what is selected', () => {
  check('we are |closed| today', 'bold', 'we are |*closed*| today')
  check('|a|', 'strike', '|~a~|')
})
test('lays the marks close to the words', () => check('we are| closed |today', 'italic', 'we are| _closed_ |today'))
test('takes them away again, whether they are selected or not', () => {
  check('we are |*closed*| today', 'bold', 'we are |closed| today')
  check('we are *|closed|* today', 'bold', 'we are |closed| today')
})
test('marks each line, and leaves empty ones', () => check('|one\n\ntwo|', 'bold', '|*one*\n\n*two*|'))
test('completes what is half marked', () => check('|*one*\ntwo|', 'bold', '|*one*\n*two*|'))
test('holds typewriter letters across lines', () => check('|one\ntwo|', 'mono', '|```one\ntwo```|'))
test('opens a pair where nothing is selected', () => check('now |', 'bold', 'now *|*'))
