/** Shapes that more than one room of the editor speaks of. Names are those of the server. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

// -- The document ---------------------------------------------------------------------------------

export type TableName =
  | 'root'
  | 'inputs'
  | 'stages'
  | 'nodes'
  | 'frames'
  | 'notes'
  | 'seeds'
  | 'values'

/** Records in an order of their own. */
export interface Table {
  readonly order: readonly string[]
  readonly rows: Readonly<Record<string, Json>>
}

/** The editor's working copy of a template. Changed only by ops; never in place. */
export type Doc = { readonly format: 1 } & Readonly<Record<TableName, Table>>

export type Op =
  | { op: 'put'; table: TableName; key: string; value: Json; after?: string | null }
  | { op: 'remove'; table: TableName; key: string }
  | { op: 'set'; table: TableName; key: string; path: string[]; value?: Json }
  | { op: 'order'; table: TableName; key: string; after: string | null }

/** One gesture. id: made by the client, so that sending it twice changes nothing. */
export interface Change {
  id: string
  label: string
  ops: Op[]
}

/** A change as the server numbered it. at: ISO time. */
export interface Recorded extends Change {
  rev: number
  clientId: string
  actor: { id: string; name: string }
  at: string
}

// -- Tools ----------------------------------------------------------------------------------------

export type MediaKind = 'image' | 'video' | 'audio' | 'model'
/** What a socket carries: its hue and shape. `choice` stands for select, boolean and data. */
export type SocketKind = MediaKind | 'text' | 'number' | 'choice'

/** A media input of a tool. argument: what an edge writes. */
export interface ToolPort {
  name: string
  title: string
  help: string
  kind: MediaKind
  argument: string
  /** Every spelling that fills this port, as declared; readers also bear camel and snake case. */
  spellings: string[]
  /** Whether `argument` takes a list. */
  isList: boolean
  isRequired: boolean
  implied: 'none' | 'latest' | 'all'
  /** Required and implied hold only while this parameter has one of the values; [] = any value. */
  when: { parameter: string; values: Json[] } | null
  maxItems: number
}

/** A parameter of a tool, in wire spelling. schema: JSON Schema of its value. */
export interface ToolParameter {
  name: string
  title: string
  help: string
  schema: JsonObject
  spellings: string[]
  default: Json
  isRequired: boolean
  isPinned: boolean
  /** Listed values are known ones, others are allowed too. */
  isLoose: boolean
  unit: string
}

/** Someone who does a tool's work. The first of a tool is asked when no model is named. */
export interface Provider {
  name: string
  title: string
  /** The models that choose it, when they are named. */
  models: string[]
  /** Every model it makes this tool's results by; none: any name will do. */
  makes: string[]
  /** Capacity units of one result, by its usual model. */
  units: number
}

export interface Tool {
  name: string
  title: string
  group: string
  help: string
  icon: string
  output: MediaKind | null
  /** Further kinds it makes under some parameters, as `kinds_made` says. */
  isSeeded: boolean
  isProvided: boolean
  /** Why it can't be used at all, for a tool that only says so. */
  unusable: string
  provider: string
  providers: Provider[]
  /** Capacity units of one result. */
  units: number
  count: string
  ports: ToolPort[]
  parameters: ToolParameter[]
}

// -- What is said about a document ----------------------------------------------------------------

/** What would clear an issue: ops to apply, or a place where a person clears it. */
export interface Fix {
  label: string
  ops: Op[]
  opens?: 'tool' | 'field' | 'stages'
}

export interface Issue {
  severity: 'error' | 'warning'
  code: string
  message: string
  path: string
  stageId: string | null
  argument?: string
  fixes: Fix[]
}

export interface StepQuote {
  key: string
  will: 'run' | 'reuse'
  /** One short sentence: "Motion changed", "Same inputs as run …". */
  why: string
  units: number
  seconds: number | null
  /** Of a batch: how many items are expected. */
  items?: number | null
}

/** What Run would take. units: of what runs; fullUnits: of everything. */
export interface Quote {
  rev: number
  steps: StepQuote[]
  units: number
  fullUnits: number
  seconds: number | null
  reusedFrom: string | null
  isComplete: boolean
  issues: Issue[]
}

// -- Runs -----------------------------------------------------------------------------------------

export type StepStatus =
  | 'pending'
  | 'ready'
  | 'running'
  | 'waiting'
  | 'completed'
  | 'failed'
  | 'skipped'
  | 'cancelled'

export interface Medium {
  id: string
  kind: MediaKind
  url: string
  posterUrl: string | null
  width: number | null
  height: number | null
  /** Seconds. */
  duration: number | null
  filename: string
  /** Made by the built-in studio. */
  isDraft?: boolean
}

export interface StepAttempt {
  startedAt: string
  endedAt: string | null
  outcome: string
}

/** Why a step failed. The headline is for people; the cause is the provider's own sentence. */
export interface StepFailure {
  code: string
  message: string
  headline: string
  /** Empty where the headline says it all. */
  cause: string
  retryable: boolean
}

export interface StepState {
  key: string
  title: string
  tool: string
  status: StepStatus
  /** 0 to 1. */
  progress: number
  message: string
  startedAt: string | null
  finishedAt: string | null
  attempts: StepAttempt[]
  /** Public id of the run whose result this step took over. */
  reusedFrom: string | null
  error: StepFailure | null
  seed: number | null
  artifacts: Medium[]
  /** What its tool could not do as asked, in sentences. */
  warnings?: string[]
  /** expand: a batch; gate: the checkpoint after a stage; wait: it asks a person. */
  kind?: 'tool' | 'expand' | 'wait' | 'gate'
  /** Of an item: the key of its batch, its place from 0, and what it is called. */
  parent?: string | null
  index?: number
  label?: string
  /** What a person answered, in words. */
  answer?: string
  /** Of a batch whose items are known, counted here: how they are. */
  counts?: {
    readonly total: number
    readonly done: number
    readonly failed: number
    readonly running: number
    readonly left: number
  }
}

/**
 * What a person is asked. go-on: whether to do what a provider holds, or what may cost twice;
 * credit: to come back when there is some.
 */
export type Asking = 'question' | 'pick' | 'checkpoint' | 'go-on' | 'cost' | 'credit'

/** A question that a run asks. */
export interface Wait {
  id: string
  is: Asking
  /** The step that asks; null: the run as a whole does. */
  step: string | null
  /** The stage it belongs to on the canvas. */
  stage: string | null
  reason: string
  /** The question, in a sentence or a few. */
  message: string
  /** What there is to pick from; of a checkpoint: what is to be approved. */
  candidates: Medium[]
  /** How many are picked at least and at most. */
  min: number
  max: number
  /** What the whole run is expected to use, when its cost is asked about. */
  units: number | null
  /** What the two buttons say when a provider waits for a decision; else empty. */
  approve?: string
  decline?: string
}

export interface RunState {
  id: string
  status: string
  createdAt: string
  finishedAt: string | null
  lastSeq: number
  units: number
  documentRev: number | null
  /** Open questions, the oldest first. */
  waits?: Wait[]
  steps: StepState[]
}

// -- People ---------------------------------------------------------------------------------------

export interface Person {
  clientId: string
  id: string
  name: string
  hue: number
  selection: string[]
  cursor: { x: number; y: number } | null
}

export interface Boot {
  templateId: string
  me: { id: string; name: string; initials: string; hue: number }
  canEdit: boolean
  owner: string
  theme: string
  /** Why a text is no binding: the patterns of `bindings.worded`, by key. */
  bindingPatterns: Record<string, string>
}

export interface TemplateFacts {
  name: string
  visibility: 'private' | 'public'
  publishedVersion: string | null
  isOwner: boolean
  canEdit: boolean
}

/** An answer of GET /app/documents/<id>. */
export interface Opened {
  id: string
  rev: number
  savedRev: number
  base: { number: number; version: string }
  state: Doc
  media: Record<string, ReferencedMedium>
  template: TemplateFacts
  latestRun: string | null
  people: Person[]
}

export interface ReferencedMedium {
  url: string
  kind: MediaKind
  width: number | null
  height: number | null
  duration: number | null
}

export interface VersionRow {
  number: number
  version: string
  label: string
  cause: string
  by: string
  createdAt: string
  isHead: boolean
  isPublished: boolean
}
