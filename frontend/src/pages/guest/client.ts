/** The addresses of one app, asked with the token of a link, and no cookie; without one by the session
 * of who is signed in, who pays. */

import type { GuestRun, JsonObject, MediaKind, Uploaded } from '../../api/schema'
import { A_KIND, misfitOf, type Progress, send, type Upload } from '../../uploads/upload'
import { guestId, randomId } from './storage'

/** The server answered, and it was a no. message: for people. problems: by input. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problems: ReadonlyMap<string, string> = new Map(),
  ) {
    super(message)
  }
}

/** As an answer to a question: its text, positions from 1, or that it is right. */
export type Answer = { text: string } | { choices: number[] } | { approve: true }

const UNREACHABLE = "Can't reach the server. Check your connection, then try again."
const FAILED = 'Something went wrong. Try again.'

export class Client {
  private readonly api: string
  /** Key of a press of Run that has no answer yet: sent again, it starts no second run. */
  private key = ''

  constructor(
    readonly slug: string,
    private readonly token: string,
  ) {
    this.api = `/v1/apps/${slug}`
  }

  /** The app's words and its form, as HTML. */
  async form(): Promise<string> {
    const answer = await this.ask(`/a/${this.slug}/form`)
    if (answer.ok) return answer.text()
    throw new Refused(
      answer.status,
      answer.status === 429 ? 'Too many requests. Wait a minute.' : FAILED,
    )
  }

  /** Return what isn't drawn of the texts in the form, by the elements of its fields. */
  async undrawn(form: FormData): Promise<Readonly<Record<string, string>>> {
    const answer = await this.ask(`/a/${this.slug}/undrawn`, { method: 'POST', body: form })
    return answer.ok ? answer.json() : {}
  }

  async start(form: FormData): Promise<GuestRun> {
    this.key ||= randomId()
    const headers = { 'Idempotency-Key': this.key }
    const answer = await this.ask(`/a/${this.slug}/runs`, { method: 'POST', body: form, headers })
    this.key = ''
    return runOf(answer)
  }

  /** Take the next press for another one: the form has changed. */
  changed(): void {
    this.key = ''
  }

  /** Return how many runs the link has left. */
  async runsLeft(): Promise<number> {
    const answer = await this.ask(this.api)
    if (!answer.ok) throw await refusalOf(answer)
    const { data } = (await answer.json()) as { data: { app: { runsLeft: number } } }
    return data.app.runsLeft
  }

  async run(id: string): Promise<GuestRun> {
    return runOf(await this.ask(`${this.api}/runs/${id}`))
  }

  async stop(id: string): Promise<GuestRun> {
    return runOf(await this.ask(`${this.api}/runs/${id}/cancel`, { method: 'POST' }))
  }

  async answer(id: string, question: number, answer: Answer): Promise<GuestRun> {
    return runOf(await this.post(`${this.api}/runs/${id}/answer`, { question, ...answer }))
  }

  async report(fields: JsonObject): Promise<void> {
    const answer = await this.post(`${this.api}/reports`, fields)
    if (!answer.ok) throw await refusalOf(answer)
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
      const answer = await this.post(`${this.api}/uploads`, { kind })
      if (!answer.ok) throw await refusalOf(answer)
      const { data } = (await answer.json()) as { data: { uploadUrl: string } }
      if (isStopped) throw new Error('')
      // By the address this page has, which may be another one than the server's public one.
      const { pathname, search } = new URL(data.uploadUrl)
      request.open('PUT', pathname + search)
      await send(request, file, onProgress)
      if (request.status >= 300)
        throw new Error(
          request.response?.message ?? `Upload failed (${request.status}). Try again.`,
        )
      const { data: body } = request.response as { data: Uploaded & { downloadUrl: string } }
      const upload = { ...body, url: body.downloadUrl, filename: file.name }
      if (upload.kind !== kind) throw new Error(`${file.name} isn't ${A_KIND[kind]}.`)
      return upload
    }
    const stop = () => {
      isStopped = true
      request.abort()
    }
    return { done: begin(), stop }
  }

  private post(path: string, body: JsonObject): Promise<Response> {
    const headers = { 'Content-Type': 'application/json' }
    return this.ask(path, { method: 'POST', body: JSON.stringify(body), headers })
  }

  private async ask(path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
    try {
      return await fetch(path, {
        ...init,
        credentials: this.token ? 'omit' : 'same-origin',
        headers: {
          ...(this.token && { Authorization: `Bearer ${this.token}` }),
          'X-Guest': guestId(),
          ...headers,
        },
      })
    } catch {
      throw new Refused(0, UNREACHABLE)
    }
  }
}

async function runOf(answer: Response): Promise<GuestRun> {
  if (!answer.ok) throw await refusalOf(answer)
  const { data } = (await answer.json()) as { data: { run: GuestRun } }
  return data.run
}

interface Refusal {
  message?: string
  details?: { issues?: { path: string; message: string }[] }
}

async function refusalOf(answer: Response): Promise<Refused> {
  const body = (await answer.json().catch(() => ({}))) as Refusal
  const issues = body.details?.issues ?? []
  const problems = issues.map(
    ({ path, message }) => [path.replace('inputs.', ''), message] as const,
  )
  return new Refused(answer.status, body.message ?? FAILED, new Map(problems.reverse()))
}
