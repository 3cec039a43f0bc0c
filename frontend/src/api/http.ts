/** Asking the server: one kind of error, and the token of forms. */

import { signedFetch } from './csrf'
import type { Json, JsonObject } from './schema'

/**
 * The server answered, and it was a no. status: HTTP status; code: stable, as "template.stale";
 * message: for people. retryAfter: seconds, when the server named a time.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: JsonObject = {},
    readonly retryAfter: number | null = null,
  ) {
    super(message)
  }
}

/** No answer came, or none of ours: the network, a proxy, a server that is not there. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

export interface CallOptions {
  signal?: AbortSignal
  /** The request may outlive the page; its body must be small (64 KB for all of them). */
  keepalive?: boolean
}

export interface Request extends CallOptions {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
  query?: Record<string, string | number | null | undefined>
  redirect?: RequestRedirect
  /** After this the answer is taken for lost. */
  timeoutMs?: number
}

const TIMEOUT_MS = 30_000

export class Http {
  private readonly fetch: typeof fetch

  /** fetch: the browser's, unless a test brings its own. */
  constructor(options: { fetch?: typeof fetch } = {}) {
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  }

  /** Ask any endpoint. Throws ApiError, Unreachable, or the signal's own reason. */
  async call<T>(path: string, request: Request = {}): Promise<T> {
    const response = await this.ask(path, request)
    if (response.status === 204) return null as T
    const body = await readBody(response)
    if (response.ok) {
      if (body === undefined)
        throw new Unreachable('The response was cut off or came from a proxy.')
      return body as T
    }
    throw errorOf(response, body)
  }

  /** Post what a page's form posts: its answer, on success, is where to go next. */
  protected async act(path: string, options?: CallOptions & { body?: JsonObject }): Promise<void> {
    const response = await this.ask(path, { ...options, method: 'POST', redirect: 'manual' })
    if (response.type === 'opaqueredirect' || response.status < 400) return
    throw errorOf(response, await readBody(response))
  }

  private async ask(path: string, request: Request): Promise<Response> {
    const { method = 'GET', body, query, signal, keepalive, redirect } = request
    const { timeoutMs = TIMEOUT_MS } = request
    const headers: Record<string, string> = { Accept: 'application/json' }
    const init: RequestInit & { headers: typeof headers } = {
      method,
      headers,
      credentials: 'same-origin',
    }
    if (keepalive) init.keepalive = true
    if (redirect) init.redirect = redirect
    if (body instanceof FormData) init.body = body
    else if (body !== undefined) {
      headers['Content-Type'] = 'application/json'
      init.body = JSON.stringify(body)
    }
    // A film takes its time to upload; everything else that takes this long is lost.
    const limit = body instanceof FormData ? [] : [AbortSignal.timeout(timeoutMs)]
    const signals = signal ? [signal, ...limit] : limit
    if (signals.length > 0) init.signal = AbortSignal.any(signals)
    try {
      const address = path + search(query)
      if (method === 'GET') return await this.fetch(address, init)
      return await signedFetch(address, init, this.fetch)
    } catch (error) {
      if (signal?.aborted) throw error
      throw new Unreachable("Can't reach the server.", { cause: error })
    }
  }
}

function search(query: Request['query']): string {
  const entries = Object.entries(query ?? {}).filter(([, value]) => value != null)
  const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}

async function readBody(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await response.text())
  } catch {
    return undefined
  }
}

function errorOf(response: Response, body: unknown): ApiError | Unreachable {
  const errorBody = (typeof body === 'object' && body !== null ? body : {}) as {
    message?: Json
    details?: JsonObject
    error?: { code?: string; message?: string }
    retryAfter?: number
  }
  const code = errorBody.error?.code
  if (code === undefined && response.status >= 500)
    return new Unreachable(`The server is unavailable (${response.status}).`)
  const message =
    errorBody.error?.message ??
    String(errorBody.message ?? `The server returned an error (${response.status}).`)
  const header = Number(response.headers.get('Retry-After') ?? Number.NaN)
  const retryAfter = errorBody.retryAfter ?? (Number.isFinite(header) ? header : null)
  return new ApiError(
    response.status,
    code ?? `http.${response.status}`,
    message,
    errorBody.details,
    retryAfter,
  )
}
