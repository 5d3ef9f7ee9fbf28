import { expect, test } from 'vitest'
import { abilitiesOf } from './abilities'
import { emptyDraft, moreOf, pollOf, pollProblemsOf, problemsOf, type Draft } from './more'

const { limits } = abilitiesOf(undefined)
const draft = (kind: Draft['kind'], patch: Partial<Draft>): Draft => ({ ...emptyDraft(kind), body: 'When?', ...patch })

test('buttons need words of their own, not longer than the channel shows', () => {
  expect(problemsOf(draft('BUTTONS', { buttons: ['Today', 'Tomorrow'] }), limits)).toEqual({})
  expect(problemsOf(draft('BUTTONS', { buttons: ['Today', ' Today ', ''] }), limits)).toEqual({ 'button.1': 'same', 'button.2': 'required' })
  expect(problemsOf(draft('BUTTONS', { body: ' ', buttons: ['x'.repeat(21)] }), limits)).toEqual({ body: 'required', 'button.0': 'tooLong' })
})

test('a list needs a button, and headings once it has two parts', () => {
  const row = (title: string) => ({ title, description: '' })
  const one = draft('LIST', { listButton: 'Choose', sections: [{ title: '', rows: [row('Battery')] }] })
  expect(problemsOf(one, limits)).toEqual({})
  const two = { ...one, listButton: '', sections: [...one.sections, { title: 'Far', rows: [row('Battery'), { title: 'Tow', description: 'x'.repeat(73) }] }] }
  expect(problemsOf(two, limits)).toEqual({ listButton: 'required', 'section.0': 'required', 'row.1.0': 'same', 'description.1.1': 'tooLong' })
})

test('a link needs an address', () => {
  expect(problemsOf(draft('LINK', { linkTitle: 'Pay', url: 'https://example.com/pay' }), limits)).toEqual({})
  expect(problemsOf(draft('LINK', { linkTitle: 'Pay', url: 'javascript:alert(1)' }), limits)).toEqual({ url: 'url' })
})

test('sends each by its place and leaves empty words out', () => {
  expect(moreOf(draft('BUTTONS', { buttons: [' Yes ', 'No'] }))).toEqual({ type: 'INTERACTIVE', interactive: { kind: 'BUTTONS', header: undefined, footer: undefined, buttons: [{ id: 'b1', title: 'Yes' }, { id: 'b2', title: 'No' }] } })
  const list = moreOf(draft('LIST', { listButton: 'Choose', sections: [{ title: 'A', rows: [{ title: 'x', description: '' }] }, { title: 'B', rows: [{ title: 'y', description: 'z' }] }] }))
  expect(list.interactive!.sections!.flatMap(({ rows }) => rows.map(({ id }) => id))).toEqual(['r1', 'r2'])
  expect(list.interactive!.buttons).toEqual([{ title: 'Choose' }])
})

test('a poll has two different answers or more', () => {
  const poll = { question: 'Which day?', options: ['Mon', 'Tue', ''], isMultiple: true }
  expect(pollProblemsOf(poll, limits)).toEqual({})
  expect(pollOf(poll)).toEqual({ type: 'POLL', poll: { options: ['Mon', 'Tue'], isMultiple: true } })
  expect(pollProblemsOf({ question: '', options: ['Mon', ''], isMultiple: false }, limits)).toEqual({ question: 'required', 'option.1': 'few' })
  expect(pollProblemsOf({ question: 'x', options: ['Mon', 'Mon'], isMultiple: false }, limits)).toEqual({ 'option.1': 'same' })
})
