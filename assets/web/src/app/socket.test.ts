import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { socket, type Frame } from './socket'

/** A server's end of the line. */
class FakeSocket {
  static readonly OPEN = 1
  static all: FakeSocket[] = []
  readonly sent: string[] = []
  readyState = 0
  onopen?: () => void
  onmessage?: (event: { data: string }) => void
  onclose?: (event: { code: number }) => void
  constructor(readonly url: URL) {
    FakeSocket.all.push(this)
  }
  send(text: string) {
    this.sent.push(text)
  }
  close() {
    this.readyState = 3
  }
  accept() {
    this.readyState = 1
    this.onopen?.()
  }
  says(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  drops(code = 1006) {
    this.readyState = 3
    this.onclose?.({ code })
  }
}

const renew = vi.fn(async () => true)
const heard: Frame[] = []
const current = () => FakeSocket.all.at(-1)!
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  FakeSocket.all = []
  heard.length = 0
  renew.mockClear()
  stop = socket.listen((frame) => heard.push(frame))
  socket.open({ token: () => 'tok', renew, after: 40 })
})
afterEach(() => {
  stop()
  socket.close()
  vi.unstubAllGlobals()
})

test('subscribes from the oldest answer on screen, and proves itself by a frame, not by the address', () => {
  expect(current().url.searchParams.get('after')).toBe('40')
  expect(current().url.href).not.toContain('tok')
  current().accept()
  expect(current().sent).toEqual(['{"type":"auth","token":"tok"}'])
})

test('after a drop it resumes from the last frame, so nothing falls between', async () => {
  current().accept()
  current().says({ type: 'hello', seq: 41, epoch: 'e', build: 'b' })
  current().says({ type: 'message.received', seq: 44, data: {} })
  current().says({ type: 'seq', seq: 46 })
  current().drops()
  expect(socket.link.get()).toBe('reconnecting')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(FakeSocket.all).toHaveLength(2)
  expect(current().url.searchParams.get('after')).toBe('46')
  expect(current().url.searchParams.get('epoch')).toBe('e')
  expect(heard.map((frame) => frame.type)).toEqual(['message.received'])
})

test('another epoch is told, and counted from anew', async () => {
  current().accept()
  current().says({ type: 'hello', seq: 90, epoch: 'one' })
  current().says({ type: 'seq', seq: 95 })
  current().drops()
  await vi.advanceTimersByTimeAsync(1_000)
  current().accept()
  current().says({ type: 'hello', seq: 3, epoch: 'two' })
  current().drops()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(heard).toEqual([{ type: 'epoch' }])
  expect(current().url.searchParams.get('after')).toBe('3')
})

test('silence beyond the server’s heartbeat counts as a dead line', async () => {
  current().accept()
  current().says({ type: 'hello', seq: 41, epoch: 'e' })
  await vi.advanceTimersByTimeAsync(76_000)
  expect(FakeSocket.all.length).toBeGreaterThan(1)
})

test('refused before the greeting, it gets a new token; with the session over it stops', async () => {
  renew.mockResolvedValueOnce(false)
  current().drops(4401)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(renew).toHaveBeenCalledOnce()
  expect(FakeSocket.all).toHaveLength(1)
})

test('waits longer after each failure, up to a limit', async () => {
  for (let i = 0; i < 12; i++) {
    current().drops()
    await vi.advanceTimersByTimeAsync(0)
    expect(socket.nextTry.get()! - Date.now()).toBeLessThanOrEqual(20_000)
    await vi.advanceTimersByTimeAsync(20_000)
  }
  expect(FakeSocket.all).toHaveLength(13)
})

test('a new opening of the same person goes on from where it stood, in the same epoch', () => {
  current().accept()
  current().says({ type: 'hello', seq: 41, epoch: 'e' })
  current().says({ type: 'seq', seq: 60 })
  socket.open({ token: () => 'new', renew, after: 99 })
  expect(FakeSocket.all.map((one) => one.readyState)).toEqual([3, 0])
  expect(current().url.searchParams.get('after')).toBe('60')
  expect(current().url.searchParams.get('epoch')).toBe('e')
  current().accept()
  expect(current().sent).toEqual(['{"type":"auth","token":"new"}'])
})

test('whoever does not wait for a renewal opens the only line there is', async () => {
  let renewed: (fine: boolean) => void = () => {}
  renew.mockImplementationOnce(() => new Promise((done) => (renewed = done)))
  current().drops(4401)
  socket.now()
  expect(FakeSocket.all).toHaveLength(2)
  renewed(true)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(FakeSocket.all.filter((one) => one.readyState < 2)).toHaveLength(1)
})
