/**
 * Asking the server: one kind of error, and the token of forms. Here is decided whose word an answer
 * is. Ours is JSON that was asked for, or a refusal with a code of our own. Anything else, of any
 * status, is a lost line: a proxy may have passed the request on and answered for itself.
 */

import { signedFetch } from './csrf'
import type { JsonObject } from './schema'

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

/**
 * No answer came, or none of ours: the network, a proxy, a server that is not there. status: HTTP
 * status of an answer that isn't ours, else 0.
 */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  constructor(
    message: string = UNREACHABLE,
    readonly status = 0,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

export const UNREACHABLE = "Can't reach the server."

export interface CallOptions {
  signal?: AbortSignal
  /** The request may outlive the page; its body must be small (64 KB for all of them). */
  keepalive?: boolean
}

export interface Request extends CallOptions {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
  query?: Record<string, string | number | null | undefined>
  headers?: Record<string, string>
  /** After this the answer is taken for lost. */
  timeoutMs?: number
}

const TIMEOUT_MS = 30_000

interface HttpOptions {
  /** The browser's, unless a test brings its own. */
  fetch?: typeof fetch
  /** Return what says who asks in each request, where that isn't the session. */
  init?: () => { credentials?: RequestCredentials; headers: Record<string, string> }
}

export class Http {
  private readonly fetch: typeof fetch
  private readonly init: NonNullable<HttpOptions['init']>

  constructor(options: HttpOptions = {}) {
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
    this.init = options.init ?? (() => ({ headers: {} }))
  }

  /** Ask any endpoint. Throws ApiError, Unreachable, or the signal's own reason. */
  async call<T>(path: string, request: Request = {}): Promise<T> {
    const response = await this.ask(path, request)
    if (response.status === 204) return null as T
    const body = await readBody(response)
    if (response.ok && isObject(body)) return body as T
    throw errorOf(response, body)
  }

  /** Ask for a part of a page, which begins with `start`. Throws as `call` does. */
  async html(path: string, start: string, request: Request = {}): Promise<string> {
    const response = await this.ask(path, request)
    const text = await response.text().catch(() => '')
    if (response.ok && text.trimStart().startsWith(start)) return text
    throw errorOf(response, parse(text))
  }

  /** Do something to a run or a comment. */
  protected async act(path: string, options?: CallOptions & { body?: JsonObject }): Promise<void> {
    await this.call(path, { body: {}, ...options, method: 'POST' })
  }

  private async ask(path: string, request: Request): Promise<Response> {
    const { method = 'GET', body, query, signal, keepalive } = request
    const { timeoutMs = TIMEOUT_MS } = request
    const common = this.init()
    const headers: Record<string, string> = {
      Accept: 'application/json',
      ...common.headers,
      ...request.headers,
    }
    const init: RequestInit & { headers: typeof headers } = {
      method,
      headers,
      credentials: common.credentials ?? 'same-origin',
    }
    if (keepalive) init.keepalive = true
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
      throw new Unreachable(UNREACHABLE, 0, { cause: error })
    }
  }
}

function search(query: Request['query']): string {
  const entries = Object.entries(query ?? {}).filter(([, value]) => value != null)
  const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}

async function readBody(response: Response): Promise<unknown> {
  return parse(await response.text().catch(() => ''))
}

/** Return the value of a JSON text; undefined for another text. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isObject(body: unknown): body is JsonObject {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
}

/** A refusal of ours has our envelope, which no proxy writes (`envelope` of core/http.py). */
interface Refusal {
  message: string
  details?: JsonObject
  error: { code: string; message?: string }
  retryAfter?: number
}

export function isRefusal(body: unknown): body is Refusal {
  if (!isObject(body) || body.status !== 'error') return false
  return isObject(body.error) && typeof body.error.code === 'string'
}

function errorOf(response: Response, body: unknown): ApiError | Unreachable {
  if (response.ok || !isRefusal(body)) return new Unreachable(UNREACHABLE, response.status)
  const { details, error, retryAfter } = body
  const header = Number(response.headers.get('Retry-After') ?? Number.NaN)
  const seconds = retryAfter ?? (Number.isFinite(header) ? header : null)
  return new ApiError(response.status, error.code, error.message ?? body.message, details, seconds)
}
