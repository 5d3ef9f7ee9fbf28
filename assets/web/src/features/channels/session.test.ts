import { expect, test } from 'vitest'
import { ACTIONS, asksFirst, lookEvery, taken } from './session'

test('frames of a session keep what is known of it', () => {
  const code = taken('c', { type: 'whatsapp:qr', data: { connectionId: 'c', qrCode: '2@abc' } }, undefined)
  expect(code).toEqual({ state: 'SCAN_QR_CODE', qrCode: '2@abc' })
  const ready = taken('c', { type: 'whatsapp:ready', data: { connectionId: 'c', phoneNumber: '+5511900000001' } }, code)
  expect(ready).toEqual({ state: 'WORKING', qrCode: null, phoneNumber: '+5511900000001' })
  expect(taken('c', { type: 'whatsapp:disconnected', data: { connectionId: 'c' } }, ready)).toMatchObject({ state: 'UNKNOWN', qrCode: null })
})

test('frames of other sessions and other kinds are left alone', () => {
  expect(taken('c', { type: 'whatsapp:qr', data: { connectionId: 'd', qrCode: '2@abc' } }, undefined)).toBeUndefined()
  expect(taken('c', { type: 'channel.updated', data: { id: 'c' } }, undefined)).toBeUndefined()
  expect(taken('c', { type: 'whatsapp:qr', data: { connectionId: 'c' } }, undefined)).toBeUndefined()
})

test('what cuts customers off is asked about first, what only helps is not', () => {
  expect(asksFirst('logout', 'STOPPED')).toBe(true)
  expect(asksFirst('stop', 'WORKING')).toBe(true)
  expect(asksFirst('restart', 'SCAN_QR_CODE')).toBe(false)
  expect(asksFirst('start', 'STOPPED')).toBe(false)
})

test('every state has a way on, and is asked about only while it moves', () => {
  for (const actions of Object.values(ACTIONS)) expect(actions.length).toBeGreaterThan(0)
  expect([lookEvery('WORKING'), lookEvery(undefined)]).toEqual([false, false])
  expect(lookEvery('SCAN_QR_CODE')).toBeGreaterThan(lookEvery('STARTING') as number)
})
