/**
 * Trusted Types. Nothing here writes HTML or script addresses from strings, so the policies refuse: whatever
 * reaches a sink is a mistake or an attack. Imported first, before any library can touch the page.
 */
interface PolicyFactory {
  createPolicy(name: string, rules: Record<string, (input: string) => string>): unknown
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes

const refuse = (kind: string) => (): string => {
  throw new TypeError(`${kind} from a string is not allowed here`)
}

/** Own hashed files only: workers and lazily loaded chunks. */
function ownScript(address: string): string {
  const url = new URL(address, location.href)
  if (url.origin === location.origin && url.pathname.startsWith('/assets/')) return url.href
  throw new TypeError('script addresses outside /assets are not allowed')
}

if (factory) {
  const rules = { createHTML: refuse('HTML'), createScript: refuse('script'), createScriptURL: ownScript }
  factory.createPolicy('farol', rules)
  factory.createPolicy('default', rules)
}

/** The nonce of this response, for the few style elements the components need. */
export const NONCE = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content
