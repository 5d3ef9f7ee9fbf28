import { expect, test } from 'vitest'
import { originOf } from './origin'

test('an ad, a product and forwarding are read', () => {
  const metadata = { referral: { sourceUrl: 'https://example.com/ad', sourceType: 'ad', headline: 'Towing', body: '' }, forwarded: true, frequentlyForwarded: true, referredProduct: { catalogId: '77', productRetailerId: 'TOW-1' } }
  expect(originOf(metadata)).toEqual({ referral: { kind: 'ad', headline: 'Towing', body: undefined, address: 'https://example.com/ad' }, forwarded: 'often', product: 'TOW-1' })
})

test.each([null, undefined, 'text', [1], {}, { referral: 'no', forwarded: 'yes', referredProduct: 5 }])('of %j nothing is told', (metadata) => {
  expect(originOf(metadata)).toEqual({ referral: null, forwarded: null, product: null })
})

test('no address becomes a link but one of the web', () => {
  expect(originOf({ referral: { sourceUrl: 'javascript:alert(1)' } }).referral).toEqual({ kind: 'other', headline: undefined, body: undefined, address: undefined })
})
