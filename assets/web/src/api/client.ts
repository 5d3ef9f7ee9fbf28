import type { FieldProblem, Problem } from './types'

/** A refusal of the server, or no answer at all (`status` 0, code `network`). */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly fields: FieldProblem[]
  readonly requestId?: string
  /** Seconds after which trying again makes sense, when the server said so. */
  readonly retryAfter?: number

  constructor(problem: Partial<Problem> & { status: number; code: string }, retryAfter?: number) {
    super(problem.detail ?? problem.code)
    this.name = 'ApiError'
    this.status = problem.status
    this.code = problem.code
    this.fields = problem.errors ?? []
    this.requestId = problem.requestId ?? undefined
    this.retryAfter = retryAfter
  }

  /** The request may or may not have arrived: asking again with the same id is the only honest way to know. */
  get unknownOutcome(): boolean {
    return this.status === 0 || this.status >= 500
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>
export interface Call {
  query?: Query
  body?: unknown
  signal?: AbortSignal
  /** Sign-in, setup and invitations are called before there is a session. */
  anonymous?: boolean
}

/** What the client needs from the session, handed in at start so that the two don't import each other. */
export interface Credentials {
  token(): string | null
  /** Gets a new access token; false when the session is over. Throws when the server can't be reached. */
  renew(spent: string | null): Promise<boolean>
  /** Rises when whoever is signed in leaves, be it for another firm: what was asked before is theirs alone. */
  generation(): number
  /** Called with the sequence each answer stands at. */
  sawSequence(seq: number): void
}

const BASE = '/api/v1'
/** A request that takes longer counts as lost; the server's own limit is 60 s. */
const TIMEOUT_MS = 65_000

let credentials: Credentials = { token: () => null, renew: async () => false, generation: () => 0, sawSequence: () => {} }
export function lendCredentials(given: Credentials): void {
  credentials = given
}

/** The code of a call whose answer came when its person had left: nobody else is to see it. */
const LEFT = 'left'
export const hasLeft = (error: unknown): boolean => error instanceof ApiError && error.code === LEFT

/**
 * One call of the API. Renews a spent token once; throws ApiError for everything but success. It belongs to the
 * generation it begins in: it is never repeated with another one's token, nor is its answer handed to that one.
 */
export async function request<T>(method: string, path: string, call: Call = {}): Promise<T> {
  if (call.anonymous) return read<T>(method, await attempt(method, path, call, null), () => {})
  const stay = staying()
  const token = credentials.token()
  let response = await attempt(method, path, call, token)
  stay()
  if (response.status === 401 && (await credentials.renew(token))) {
    stay()
    response = await attempt(method, path, call, credentials.token())
  }
  return read<T>(method, response, stay)
}

async function read<T>(method: string, response: Response, stay: () => void): Promise<T> {
  if (!response.ok) {
    const error = await refusal(response)
    stay()
    throw error
  }
  const empty = response.status === 204 || response.headers.get('content-length') === '0'
  const text = empty ? '' : await response.text()
  stay()
  const seq = Number(response.headers.get('x-farol-seq'))
  if (method === 'GET' && seq > 0) credentials.sawSequence(seq)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** Refuses to go on once whoever is signed in now has left. */
function staying(): () => void {
  const generation = credentials.generation()
  return () => {
    if (generation !== credentials.generation()) throw new ApiError({ status: 401, code: LEFT })
  }
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) => request<T>('GET', path, { query, signal })
export const post = <T>(path: string, body?: unknown) => request<T>('POST', path, { body })
export const put = <T>(path: string, body?: unknown) => request<T>('PUT', path, { body })
export const patch = <T>(path: string, body?: unknown) => request<T>('PATCH', path, { body })
export const del = <T = void>(path: string) => request<T>('DELETE', path)

async function attempt(method: string, path: string, call: Call, token: string | null): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (token) headers.authorization = `Bearer ${token}`
  if (call.body !== undefined) headers['content-type'] = 'application/json'
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    return await fetch(BASE + path + queryString(call.query), {
      method,
      headers,
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
      signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
      credentials: 'same-origin',
    })
  } catch (error) {
    if (call.signal?.aborted) throw error
    throw new ApiError({ status: 0, code: 'network' })
  }
}

/** An upload that moves no byte for so long counts as lost; a large file on a thin line takes as long as it takes. */
const STALLED_MS = 120_000

/** Sends a form with files, telling how much of it has gone up (0 to 1). As honest about its outcome as `request`. */
export async function upload<T>(path: string, form: FormData, { signal, onProgress }: { signal?: AbortSignal; onProgress?: (part: number) => void } = {}): Promise<T> {
  const stay = staying()
  const token = credentials.token()
  let response = await attemptUpload(path, form, token, signal, onProgress)
  stay()
  if (response.status === 401 && (await credentials.renew(token))) {
    stay()
    response = await attemptUpload(path, form, credentials.token(), signal, onProgress)
  }
  return read<T>('POST', response, stay)
}

/** By XMLHttpRequest: `fetch` does not tell how far an upload got. */
function attemptUpload(path: string, form: FormData, token: string | null, signal?: AbortSignal, onProgress?: (part: number) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest()
    let stalled: ReturnType<typeof setTimeout> | undefined
    const lost = () => reject(new ApiError({ status: 0, code: 'network' }))
    const moves = () => {
      clearTimeout(stalled)
      stalled = setTimeout(() => call.abort(), STALLED_MS)
    }
    call.open('POST', BASE + path)
    call.setRequestHeader('accept', 'application/json')
    if (token) call.setRequestHeader('authorization', `Bearer ${token}`)
    call.upload.onprogress = (event) => {
      moves()
      if (event.lengthComputable) onProgress?.(event.loaded / event.total)
    }
    call.onload = () => {
      const retryAfter = call.getResponseHeader('retry-after')
      resolve(new Response(call.responseText, { status: call.status, headers: retryAfter ? { 'retry-after': retryAfter } : {} }))
    }
    call.onerror = lost
    call.onabort = lost
    call.onloadend = () => clearTimeout(stalled)
    signal?.addEventListener('abort', () => call.abort())
    moves()
    call.send(form)
  })
}

function queryString(query: Query | undefined): string {
  const pairs = Object.entries(query ?? {}).filter((pair): pair is [string, string | number | boolean] => pair[1] != null && pair[1] !== '')
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))}`
}

async function refusal(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after')) || undefined
  let problem: Partial<Problem> = {}
  try {
    problem = (await response.json()) as Problem
  } catch {
    // A proxy in between answers in its own words; the status has to do.
  }
  const code = problem.code ?? (response.status >= 500 ? 'unavailable' : `http_${response.status}`)
  return new ApiError({ ...problem, status: response.status, code }, retryAfter)
}
