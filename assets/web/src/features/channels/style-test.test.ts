import { expect, test } from 'vitest'
import { findStyle, type Fate, type PathStyle, type Trial } from './style-test'

/** A server that takes calls of one style alone, and what comes of the others. */
function server(takes: PathStyle | null, now: PathStyle, otherwise: Fate) {
  const done: string[] = []
  let style = now
  const trial: Trial = {
    use: async (next) => {
      style = next
      done.push(`use ${next}`)
    },
    send: async () => {
      done.push(`send by ${style}`)
      return 'id'
    },
    look: async () => (style === takes ? { fate: 'taken' } : { fate: otherwise, reason: 'Cannot POST' }),
    pause: async () => {},
  }
  return { done, trial }
}

test('the style in use is tried first and kept where it works', async () => {
  const { done, trial } = server('body', 'body', 'refused')
  expect(await findStyle('body', trial)).toEqual({ style: 'body' })
  expect(done).toEqual(['send by body'])
})

test('the other one is taken where the first is refused; a message that waits isn’t sent twice', async () => {
  for (const [otherwise, calls] of [['refused', ['send by body', 'use path', 'send by path']], ['held', ['send by body', 'use path']], ['under way', ['send by body', 'use path']]] as const) {
    const { done, trial } = server('path', 'body', otherwise)
    expect(await findStyle('body', trial)).toEqual({ style: 'path' })
    expect(done).toEqual(calls)
  }
})

test('where neither works, nothing is changed and the server’s words are told', async () => {
  const { done, trial } = server(null, 'path', 'refused')
  expect(await findStyle('path', trial)).toEqual({ style: null, reason: 'Cannot POST' })
  expect(done.at(-1)).toBe('use path')
})
