/** The addresses of one app, asked with the token of a link, and no cookie; without one by the session
 * of who is signed in, who pays. */

import { ApiError, Http, type Request, UNREACHABLE } from '../../api/http'
import type { GuestRun, JsonObject, MediaKind, Uploaded } from '../../api/schema'
import { dropKey, keepKey } from '../../api/startKeys'
import { A_KIND, misfitOf, type Progress, send, type Upload } from '../../uploads/upload'
import { guestId, randomId } from './storage'

/**
 * The server answered, and it was a no; status 0: no answer of it came. message: for people.
 * problems: by input. run: the run that another request with the same key started.
 */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problems: ReadonlyMap<string, string> = new Map(),
    readonly run = '',
  ) {
    super(message)
  }
}

/** As an answer to a question: its text, positions from 1, or that it is right. */
export type Answer = { text: string } | { choices: number[] } | { approve: true }

const AGAIN = `${UNREACHABLE} Check your connection, then try again.`
const MAY_HAVE_STARTED = `${UNREACHABLE} The run may have started: press Run again to see it.`

export class Client {
  private readonly api: string
  private readonly http: Http

  constructor(
    readonly slug: string,
    private readonly token: string,
  ) {
    this.api = `/v1/apps/${slug}`
    this.http = new Http({
      init: () => ({
        credentials: this.token ? 'omit' : 'same-origin',
        headers: {
          ...(this.token && { Authorization: `Bearer ${this.token}` }),
          'X-Guest': guestId(),
        },
      }),
    })
  }

  /** The app's words and its form, as HTML. */
  form(): Promise<string> {
    return this.refusing(() => this.http.html(`/a/${this.slug}/form`, '<header'))
  }

  /** Return what isn't drawn of the texts in the form, by the elements of its fields. */
  async undrawn(form: FormData): Promise<Readonly<Record<string, string>>> {
    return this.http
      .call<Record<string, string>>(`/a/${this.slug}/undrawn`, { method: 'POST', body: form })
      .catch(() => ({}))
  }

  /** Start a run. Until an answer of the server's came, each press has the same key. */
  async start(form: FormData): Promise<GuestRun> {
    const place = `app ${this.slug}`
    const headers = { 'Idempotency-Key': keepKey(place, randomId()) }
    try {
      const request: Request = { method: 'POST', body: form, headers }
      const run = await this.runOf(`/a/${this.slug}/runs`, request, MAY_HAVE_STARTED)
      dropKey(place)
      return run
    } catch (problem) {
      if (problem instanceof Refused && problem.status > 0) dropKey(place)
      // The form was changed after a press without an answer, which did start a run.
      if (problem instanceof Refused && problem.run) return this.run(problem.run)
      throw problem
    }
  }

  /** Return how many runs the link has left. */
  async runsLeft(): Promise<number> {
    const { data } = await this.call<{ data: { app: { runsLeft: number } } }>(this.api)
    return data.app.runsLeft
  }

  run(id: string): Promise<GuestRun> {
    return this.runOf(`${this.api}/runs/${id}`)
  }

  stop(id: string): Promise<GuestRun> {
    return this.runOf(`${this.api}/runs/${id}/cancel`, { method: 'POST' })
  }

  answer(id: string, question: number, answer: Answer): Promise<GuestRun> {
    const body = { question, ...answer }
    return this.runOf(`${this.api}/runs/${id}/answer`, { method: 'POST', body })
  }

  async report(fields: JsonObject): Promise<void> {
    await this.call(`${this.api}/reports`, { method: 'POST', body: fields })
  }

  events(id: string): EventSource {
    return new EventSource(`${this.api}/runs/${id}/events`)
  }

  /** Guests' files wait in the storage of the app's author, other people's are in their own. */
  upload(file: File, kind: MediaKind, onProgress: Progress): Upload {
    const request = new XMLHttpRequest()
    let isStopped = false
    const begin = async (): Promise<Uploaded> => {
      const misfit = misfitOf(file, kind)
      if (misfit) throw new Error(misfit)
      const place = await this.call<{ data: { uploadUrl: string } }>(`${this.api}/uploads`, {
        method: 'POST',
        body: { kind },
      })
      if (isStopped) throw new Error('')
      // By the address this page has, which may be another one than the server's public one.
      const { pathname, search } = new URL(place.data.uploadUrl)
      request.open('PUT', pathname + search)
      const { data } = await send<{ data: Uploaded & { downloadUrl: string } }>(
        request,
        file,
        onProgress,
      )
      const upload = { ...data, url: data.downloadUrl, filename: file.name }
      if (upload.kind !== kind) throw new Error(`${file.name} isn't ${A_KIND[kind]}.`)
      return upload
    }
    const stop = () => {
      isStopped = true
      request.abort()
    }
    return { done: begin(), stop }
  }

  private async runOf(path: string, request?: Request, lost?: string): Promise<GuestRun> {
    const answer = await this.call<{ data?: { run?: GuestRun } }>(path, request, lost)
    const run = answer.data?.run
    if (!run) throw new Refused(0, lost ?? AGAIN)
    return run
  }

  private call<T>(path: string, request?: Request, lost?: string): Promise<T> {
    return this.refusing(() => this.http.call<T>(path, request), lost)
  }

  /** lost: words for a request without an answer. */
  private async refusing<T>(ask: () => Promise<T>, lost = AGAIN): Promise<T> {
    try {
      return await ask()
    } catch (problem) {
      throw problem instanceof ApiError ? refusalOf(problem) : new Refused(0, lost)
    }
  }
}

function refusalOf({ status, message, details }: ApiError): Refused {
  const issues = (details.issues ?? []) as unknown as { path: string; message: string }[]
  const problems = issues.map(
    ({ path, message }) => [path.replace('inputs.', ''), message] as const,
  )
  const isRepeated = details.reason === 'idempotency_key_reuse'
  const run = isRepeated ? String(details.workflowId) : ''
  return new Refused(status, message, new Map(problems.reverse()), run)
}
