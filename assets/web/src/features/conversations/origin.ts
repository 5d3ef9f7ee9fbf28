/** How a message came to the firm, as far as the provider tells. */
export interface Origin {
  /** The ad or post by which the customer came. */
  referral: { kind: 'ad' | 'post' | 'other'; headline?: string; body?: string; address?: string } | null
  forwarded: 'often' | 'once' | null
  /** The article of the firm's catalogue it is about. */
  product: string | null
}

const NONE: Origin = { referral: null, forwarded: null, product: null }

/** Reads a message's further facts; what is missing or of another shape is left out. */
export function originOf(metadata: unknown): Origin {
  const facts = record(metadata)
  if (!facts) return NONE
  const referral = record(facts.referral)
  const product = record(facts.referredProduct)
  const address = text(referral?.sourceUrl)
  const kind = text(referral?.sourceType)
  return {
    referral: referral && {
      kind: kind === 'ad' || kind === 'post' ? kind : 'other',
      headline: text(referral.headline),
      body: text(referral.body),
      // It becomes a link: nothing but the web's own addresses.
      address: address && /^https?:\/\//i.test(address) ? address : undefined,
    },
    forwarded: facts.frequentlyForwarded === true ? 'often' : facts.forwarded === true ? 'once' : null,
    product: text(product?.productRetailerId) ?? text(facts.referredProduct) ?? null,
  }
}

const record = (value: unknown) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null)
const text = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined)
