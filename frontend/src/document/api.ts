/** The editor's own HTTP: one method per endpoint, one kind of error. */

import { type CallOptions, Http } from '../api/http'
import type {
  Bundle,
  Change,
  ChangesAnswer,
  CommentList,
  Doc,
  Inside,
  Issues,
  Json,
  JsonObject,
  LibraryMedium,
  MediaKind,
  Member,
  Opened,
  People,
  Quote,
  Recorded,
  RunRow,
  RunState,
  TemplateChoice,
  Tool,
  Unbundled,
  Unpacked,
  Uploaded,
  Use,
  UsedVersion,
  VersionRow,
} from '../api/schema'

/** The part of a template to run, and how. */
export interface RunPart {
  /** That stage and what it needs; absent: everything. */
  to?: string
  /** Stages to make again even if their result is there. */
  fresh?: string[]
  /** The built-in studio makes every stage that it can. */
  quality?: 'draft'
}

export class Api extends Http {
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

  /** Let stages be a version of a template; version "": its newest. ApiError 404: not for me. */
  addUse(
    id: string,
    body: { template: string; version: string; asks?: boolean },
    options?: CallOptions,
  ): Promise<{ use: Use }> {
    return this.call(`${documentPath(id)}/uses`, { ...options, method: 'POST', body })
  }

  /** The ops that unpack a template stage. ApiError 409: its words say what to do first. */
  unpackUse(id: string, body: { stage: string }, options?: CallOptions): Promise<Unpacked> {
    return this.call(`${documentPath(id)}/uses/unpack`, { ...options, method: 'POST', body })
  }

  /** The version that stages are, and the newer one that is offered. */
  newerUse(
    id: string,
    reference: string,
    options?: CallOptions,
  ): Promise<{ versions: [UsedVersion, UsedVersion] }> {
    return this.call(`${documentPath(id)}/uses/newer`, { ...options, query: { reference } })
  }

  /** The templates that stages are, as a file takes them along. */
  bundle(id: string, options?: CallOptions): Promise<Bundle> {
    return this.call(`${documentPath(id)}/uses/bundle`, options)
  }

  /** Make private templates of a file's. names: of what its stages are. ApiError 422: which is wrong. */
  unbundle(
    id: string,
    body: { templates: Json; names: readonly string[] },
    options?: CallOptions,
  ): Promise<Unbundled> {
    return this.call(`${documentPath(id)}/uses/unbundle`, { ...options, method: 'POST', body })
  }

  /** The ops that put stages into a new template of this name. ApiError 409: as for unpacking. */
  collapseUse(
    id: string,
    body: { stages: readonly string[]; title: string },
    options?: CallOptions,
  ): Promise<Unpacked> {
    return this.call(`${documentPath(id)}/uses/collapse`, { ...options, method: 'POST', body })
  }

  /**
   * The inside of a stage by the key of its step, its inputs with the values of a run. ApiError 404:
   * there is none that I may read.
   */
  openStage(id: string, key: string, run: string | null, options?: CallOptions): Promise<Inside> {
    const query = { in: key, ...(run === null ? {} : { run }) }
    return this.call(`${documentPath(id)}/uses/inside`, { ...options, query })
  }

  /** Templates that may be inserted, the best for the words first. */
  templateChoices(
    id: string,
    words: string,
    options?: CallOptions,
  ): Promise<{ choices: TemplateChoice[] }> {
    return this.call(`${documentPath(id)}/uses/choices`, { ...options, query: { q: words } })
  }

  issues(id: string, options?: CallOptions): Promise<Issues> {
    return this.call(`${documentPath(id)}/issues`, options)
  }

  quote(id: string, body: RunPart = {}, options?: CallOptions): Promise<Quote> {
    return this.call(`${documentPath(id)}/quote`, { ...options, method: 'POST', body })
  }

  /** key: made once per click, so that asking twice starts one run. seeds: by stage key. */
  startRun(
    id: string,
    body: RunPart & { key: string },
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
    body: { number: number; shows?: readonly string[]; showsBrief?: boolean; license?: string },
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
}

function documentPath(id: string): string {
  return `/app/documents/${encodeURIComponent(id)}`
}
