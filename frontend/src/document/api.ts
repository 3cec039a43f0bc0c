/** The editor's own HTTP: one method per endpoint, one kind of error. */

import type {
  Change,
  ChangesAnswer,
  CommentList,
  Doc,
  Issues,
  Json,
  JsonObject,
  LibraryMedium,
  MediaKind,
  Member,
  Opened,
  People,
  Proposal,
  Quote,
  Recorded,
  RunRow,
  RunState,
  Tool,
  Uploaded,
  VersionRow,
} from '../api/schema'
import { csrfToken } from '../parts/csrf'

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

interface Request extends CallOptions {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
  query?: Record<string, string | number | null | undefined>
  redirect?: RequestRedirect
  /** After this the answer is taken for lost. */
  timeoutMs?: number
}

const TIMEOUT_MS = 30_000
/** A language model is given five minutes. */
const COMPOSE_MS = 310_000

export class Api {
  private readonly fetch: typeof fetch
  private readonly cookie: () => string

  /** fetch, cookie: the browser's, unless a test brings its own. */
  constructor(options: { fetch?: typeof fetch; cookie?: () => string } = {}) {
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
    this.cookie = options.cookie ?? (() => document.cookie)
  }

  // -- The document -------------------------------------------------------------------------------

  open(id: string, options?: CallOptions): Promise<Opened> {
    return this.call(documentPath(id), options)
  }

  sendChanges(
    id: string,
    body: { clientId: string; base: number; changes: readonly Change[] },
    options?: CallOptions,
  ): Promise<ChangesAnswer> {
    return this.call(`${documentPath(id)}/changes`, { ...options, method: 'POST', body })
  }

  /** changes null: take the document again. */
  changesAfter(
    id: string,
    rev: number,
    options?: CallOptions,
  ): Promise<{ rev: number; changes: Recorded[] | null }> {
    return this.call(`${documentPath(id)}/changes`, { ...options, query: { after: rev } })
  }

  issues(id: string, options?: CallOptions): Promise<Issues> {
    return this.call(`${documentPath(id)}/issues`, options)
  }

  /** to: run up to that stage. fresh: stages that are to run even if their result is there. */
  quote(
    id: string,
    body: { to?: string; fresh?: string[] } = {},
    options?: CallOptions,
  ): Promise<Quote> {
    return this.call(`${documentPath(id)}/quote`, { ...options, method: 'POST', body })
  }

  /** key: made once per click, so that asking twice starts one run. seeds: by stage key. */
  startRun(
    id: string,
    body: { to?: string; fresh?: string[]; key: string },
    options?: CallOptions,
  ): Promise<{ id: string; rev: number; seeds: Record<string, { seed: number }> }> {
    return this.call(`${documentPath(id)}/runs`, { ...options, method: 'POST', body })
  }

  runs(
    id: string,
    before?: string | null,
    options?: CallOptions,
  ): Promise<{ runs: RunRow[]; next: string | null }> {
    return this.call(`${documentPath(id)}/runs`, { ...options, query: { before } })
  }

  /** template: a spec; without stages, a new one is drafted. selection: ids of stages. */
  compose(
    body: { brief: string; template: JsonObject; selection: readonly string[] },
    options?: CallOptions,
  ): Promise<Proposal> {
    return this.call('/app/compose', { timeoutMs: COMPOSE_MS, ...options, method: 'POST', body })
  }

  // -- Versions and people ------------------------------------------------------------------------

  /** Throws ApiError 422 with details.validation when the draft has errors. */
  saveVersion(
    id: string,
    body: { label: string; version?: string },
    options?: CallOptions,
  ): Promise<VersionRow> {
    return this.call(`${documentPath(id)}/versions`, { ...options, method: 'POST', body })
  }

  versions(id: string, options?: CallOptions): Promise<{ versions: VersionRow[] }> {
    return this.call(`${documentPath(id)}/versions`, options)
  }

  version(id: string, number: number, options?: CallOptions): Promise<VersionRow & { state: Doc }> {
    return this.call(`${documentPath(id)}/versions/${number}`, options)
  }

  /** number: of the version that was seen; ApiError 409 when another one was saved meanwhile. */
  publish(
    id: string,
    body: { number: number; license?: string },
    options?: CallOptions,
  ): Promise<{ version: string | null }> {
    return this.call(`${documentPath(id)}/publish`, { ...options, method: 'POST', body })
  }

  people(id: string, options?: CallOptions): Promise<People> {
    return this.call(`${documentPath(id)}/people`, options)
  }

  /**
   * Invites a person, or gives one who is there or invited another role. The answer is the same for
   * a name that does not exist.
   */
  invite(
    id: string,
    username: string,
    role: Member['role'],
    options?: CallOptions,
  ): Promise<People> {
    return this.call(`${documentPath(id)}/people`, {
      ...options,
      method: 'POST',
      body: { username, role },
    })
  }

  /** Takes back a role, or the offer of it. null: I removed myself, and may no longer see who is left. */
  removePerson(id: string, username: string, options?: CallOptions): Promise<People | null> {
    return this.call(`${documentPath(id)}/people`, {
      ...options,
      method: 'DELETE',
      body: { username },
    })
  }

  // -- Comments -----------------------------------------------------------------------------------

  async comments(id: string, options?: CallOptions): Promise<CommentList> {
    const answer = await this.call<{ data: CommentList }>(`${documentPath(id)}/comments`, options)
    return answer.data
  }

  /** stage: its key; empty: on the whole draft. */
  async comment(
    id: string,
    body: { text: string; stage: string },
    options?: CallOptions,
  ): Promise<void> {
    await this.call(`${documentPath(id)}/comments`, { ...options, method: 'POST', body })
  }

  async changeComment(
    comment: number,
    action: 'answer' | 'edit' | 'resolve' | 'reopen' | 'remove',
    body: { text?: string } = {},
    options?: CallOptions,
  ): Promise<void> {
    await this.act(`/app/comments/${comment}/${action}`, { ...options, body })
  }

  // -- Runs, media, tools -------------------------------------------------------------------------

  runState(runId: string, options?: CallOptions): Promise<RunState> {
    return this.call(`/app/runs/${encodeURIComponent(runId)}/state`, options)
  }

  /** Stop a run; what it made until then is kept. */
  async cancelRun(runId: string, options?: CallOptions): Promise<void> {
    await this.act(`/app/runs/${encodeURIComponent(runId)}/cancel`, options)
  }

  /** Answer what a run asks; input: one of the public contract's resume inputs. */
  async answerRun(runId: string, input: JsonObject, options?: CallOptions): Promise<void> {
    await this.act(`/app/runs/${encodeURIComponent(runId)}/answer`, { ...options, body: input })
  }

  /** Accept or decline what a run costs. */
  async decideCost(runId: string, decision: 'confirm' | 'cancel'): Promise<void> {
    await this.act(`/app/runs/${encodeURIComponent(runId)}/cost`, { body: { decision } })
  }

  /** Do once more what failed in a finished run. */
  async resumeRun(runId: string, options?: CallOptions): Promise<void> {
    await this.act(`/app/runs/${encodeURIComponent(runId)}/resume`, { ...options, body: {} })
  }

  /** Show what a run made on the template's page. */
  async useAsPreview(runId: string, options?: CallOptions): Promise<void> {
    await this.act(`/app/runs/${encodeURIComponent(runId)}/preview`, options)
  }

  media(
    query: { kind?: MediaKind | null; q?: string; before?: string | null } = {},
    options?: CallOptions,
  ): Promise<{ media: LibraryMedium[]; next: string | null }> {
    return this.call('/app/media', { ...options, query })
  }

  upload(file: File, options?: CallOptions): Promise<Uploaded> {
    const body = new FormData()
    body.append('file', file, file.name)
    return this.call('/app/uploads', { ...options, method: 'POST', body })
  }

  /** The browser keeps the answer and asks whether it still holds. */
  tools(options?: CallOptions): Promise<{ tools: Tool[] }> {
    return this.call('/app/tools', options)
  }

  // -- Below the endpoints ------------------------------------------------------------------------

  /** Ask any endpoint. Throws ApiError, Unreachable, or the signal's own reason. */
  async call<T>(path: string, request: Request = {}): Promise<T> {
    const response = await this.ask(path, request)
    if (response.status === 204) return null as T
    const body = await read(response)
    if (response.ok) {
      if (body === undefined)
        throw new Unreachable('The response was cut off or came from a proxy.')
      return body as T
    }
    throw errorOf(response, body)
  }

  /** Post what a page's form posts: its answer, on success, is where to go next. */
  private async act(path: string, options?: CallOptions & { body?: JsonObject }): Promise<void> {
    const response = await this.ask(path, { ...options, method: 'POST', redirect: 'manual' })
    if (response.type === 'opaqueredirect' || response.status < 400) return
    throw errorOf(response, await read(response))
  }

  private async ask(path: string, request: Request): Promise<Response> {
    const { method = 'GET', body, query, signal, keepalive, redirect } = request
    const { timeoutMs = TIMEOUT_MS } = request
    const headers: Record<string, string> = { Accept: 'application/json' }
    const init: RequestInit = { method, headers, credentials: 'same-origin' }
    if (keepalive) init.keepalive = true
    if (redirect) init.redirect = redirect
    if (method !== 'GET') headers['X-CSRFToken'] = csrfToken(this.cookie())
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
      return await this.fetch(path + search(query), init)
    } catch (error) {
      if (signal?.aborted) throw error
      throw new Unreachable("Can't reach the server.", { cause: error })
    }
  }
}

function documentPath(id: string): string {
  return `/app/documents/${encodeURIComponent(id)}`
}

function search(query: Request['query']): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value != null)
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}

async function read(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await response.text())
  } catch {
    return undefined
  }
}

function errorOf(response: Response, body: unknown): ApiError | Unreachable {
  const said = (typeof body === 'object' && body !== null ? body : {}) as {
    message?: Json
    details?: JsonObject
    error?: { code?: string; message?: string }
    retryAfter?: number
  }
  const code = said.error?.code
  if (code === undefined && response.status >= 500)
    return new Unreachable(`The server is unavailable (${response.status}).`)
  const message =
    said.error?.message ??
    String(said.message ?? `The server returned an error (${response.status}).`)
  const header = Number(response.headers.get('Retry-After') ?? Number.NaN)
  const retryAfter = said.retryAfter ?? (Number.isFinite(header) ? header : null)
  return new ApiError(
    response.status,
    code ?? `http.${response.status}`,
    message,
    said.details,
    retryAfter,
  )
}
