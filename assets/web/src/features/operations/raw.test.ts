import { expect, test } from 'vitest'
import { rawWords } from './raw'

const text = (content: string) => rawWords({ encoding: 'text', content })

test('JSON is laid out, anything else stays as it came', () => {
  expect(text('{"a":[1,2]}')).toEqual({ kind: 'json', text: '{\n  "a": [\n    1,\n    2\n  ]\n}' })
  expect(text('{"cut":')).toEqual({ kind: 'text', text: '{"cut":' })
  expect(text('<b>hello</b>')).toEqual({ kind: 'text', text: '<b>hello</b>' })
  expect(text('12')).toEqual({ kind: 'text', text: '12' })
})

test('numbers that would be rounded are shown as they came', () => {
  expect(text('{"id":106540352242922123}').kind).toBe('text')
  expect(text('{"id":"106540352242922123 \\" "}').kind).toBe('json')
})

test('bytes that are no text stay encoded', () => {
  expect(rawWords({ encoding: 'base64', content: 'AAEC' })).toEqual({ kind: 'base64', text: 'AAEC' })
})
