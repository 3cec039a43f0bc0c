// Written by `manage.py generate` from the declarations in Python; do not edit it.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export const TABLE_NAMES = [
  'root',
  'inputs',
  'stages',
  'nodes',
  'frames',
  'notes',
  'seeds',
  'values',
] as const
export type TableName = (typeof TABLE_NAMES)[number]

export const MEDIA_KINDS = ['image', 'video', 'audio', 'model'] as const
export type MediaKind = (typeof MEDIA_KINDS)[number]

export const SOCKET_KINDS = [
  'text',
  'image',
  'video',
  'audio',
  'number',
  'choice',
  'model',
] as const
export type SocketKind = (typeof SOCKET_KINDS)[number]

export const TRANSFORMS = [
  'artifact_url',
  'image_url',
  'video_url',
  'audio_url',
  'artifact_data_uri',
  'image_index',
  'video_index',
  'audio_index',
  'subtitle_cues',
  'subtitle_srt',
  'overlay_items',
  'asset_ref',
] as const
export type Transform = (typeof TRANSFORMS)[number]

export const ON_ERRORS = ['stop', 'continue', 'skip', 'retry_once'] as const
export type OnError = (typeof ON_ERRORS)[number]

export const STEP_KINDS = ['tool', 'expand', 'wait', 'gate'] as const
export type StepKind = (typeof STEP_KINDS)[number]

export const RUN_STATUSES = [
  'queued',
  'running',
  'waiting_for_user',
  'completed',
  'partial_failure',
  'failed',
  'cancelled',
] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

export const FINAL_RUN_STATUSES = ['completed', 'partial_failure', 'failed', 'cancelled'] as const
export type FinalRunStatus = (typeof FINAL_RUN_STATUSES)[number]

export const STEP_STATUSES = [
  'pending',
  'ready',
  'running',
  'waiting',
  'completed',
  'failed',
  'skipped',
  'cancelled',
] as const
export type StepStatus = (typeof STEP_STATUSES)[number]

export const ASKINGS = ['question', 'pick', 'checkpoint', 'go-on', 'cost', 'credit'] as const
export type Asking = (typeof ASKINGS)[number]

export type Accepted = {
  id: string
  rev: number
}

export type Actor = {
  id: string
  name: string
}

/** The version that a document rests on. */
export type BaseVersion = {
  number: number
  version: string
}

/** What the editor's page holds when it is opened. */
export type Boot = {
  templateId: string
  me: Me
  canEdit: boolean
  owner: string
  theme: string
  /** Why a text is no binding: patterns by key. */
  bindingPatterns: Record<string, string>
}

/** One gesture. id: made by the client, so that sending it twice changes nothing. */
export type Change = {
  id: string
  label: string
  ops: Op[]
}

export type ChangesAnswer = {
  rev: number
  accepted: Accepted[]
  rejected: Rejected[]
  /** null: too much has happened since `base`, read the document again. */
  missed: Recorded[] | null
}

/** A point on the canvas. */
export type Cursor = {
  x: number
  y: number
}

/** The editor's working copy of a template. Changed only by ops; never in place. */
export type Doc = {
  readonly format: 1
  readonly root: Table
  readonly inputs: Table
  readonly stages: Table
  readonly nodes: Table
  readonly frames: Table
  readonly notes: Table
  readonly seeds: Table
  readonly values: Table
}

export type Editor = {
  id: string
  name: string
  username: string
  hue: number
}

/** What would clear an issue: ops to apply, or a control where a person clears it. */
export type Fix = {
  label: string
  ops: Op[]
  opens?: 'tool' | 'field' | 'stages'
}

export type Issue = {
  severity: 'error' | 'warning'
  code: string
  message: string
  path: string
  stageId: string | null
  argument?: string
  fixes: Fix[]
}

export type Issues = {
  rev: number
  savedRev: number
  issues: Issue[]
}

export type LibraryMedium = {
  /** What a document keeps of it. */
  reference: string
  /** Works for a day. */
  url: string
  kind: MediaKind
  title: string
  width: number | null
  height: number | null
  duration: number | null
  createdAt: string
}

export type Me = {
  id: string
  name: string
  initials: string
  hue: number
}

export type Medium = {
  id: string
  kind: MediaKind
  url: string
  posterUrl: string | null
  width: number | null
  height: number | null
  duration: number | null
  filename: string
  /** Made by the built-in studio. */
  isDraft?: boolean
}

/** One edit of one record. */
export type Op = PutOp | RemoveOp | SetOp | OrderOp

/** An answer of GET /app/documents/<id>. */
export type Opened = {
  id: string
  rev: number
  savedRev: number
  base: BaseVersion
  state: Doc
  media: Record<string, ReferencedMedium>
  template: TemplateFacts
  latestRun: string | null
  people: Person[]
}

/** Move a record behind another; null: to the front. */
export type OrderOp = {
  op: 'order'
  table: TableName
  key: string
  after: string | null
}

/**
 * people: who edits, the owner first. invited: names without an answer yet; the owner sees them.
 */
export type People = {
  people: Editor[]
  invited: string[]
}

/** One open editor. `clientId` is the `client` of its address. */
export type Person = {
  clientId: string
  id: string
  name: string
  /** Which color they are drawn in. */
  hue: number
  selection: string[]
  cursor: Cursor | null
}

/** Who does a tool's work. The first of a tool is asked when no model is named. */
export type Provider = {
  name: string
  title: string
  /** The models that choose it, when they are named. */
  models: string[]
  /** Every model it makes this tool's results by; none: any name will do. */
  makes: string[]
  /** Capacity units of one result, by its usual model. */
  units: number
}

/** Add a record or replace it. after: the key it comes behind; null: the first. */
export type PutOp = {
  op: 'put'
  table: TableName
  key: string
  value: Json
  after?: string | null
}

/** What Run would take. units: of what runs; fullUnits: of everything. */
export type Quote = {
  rev: number
  steps: StepQuote[]
  units: number
  fullUnits: number
  seconds: number | null
  reusedFrom: string | null
  isComplete: boolean
  issues: Issue[]
}

/** One edit by one person. Revisions count 1, 2, 3 … in each document. */
export type Recorded = {
  rev: number
  /** The UUID that its client gave it. */
  id: string
  clientId: string
  actor: Actor
  label: string
  ops: Op[]
  /** When it was recorded, ISO 8601. */
  at: string
}

export type ReferencedMedium = {
  url: string
  kind: MediaKind
  width: number | null
  height: number | null
  duration: number | null
}

export type Rejected = {
  id: string
  code: string
  message: string
}

/** Remove a record. */
export type RemoveOp = {
  op: 'remove'
  table: TableName
  key: string
}

/** steps: how many; reused: how many of them took over an earlier result. */
export type RunRow = {
  id: string
  title: string
  status: RunStatus
  createdAt: string
  finishedAt: string | null
  units: number
  steps: number
  reused: number
}

export type RunState = {
  id: string
  status: RunStatus
  createdAt: string
  finishedAt: string | null
  lastSeq: number
  units: number
  documentRev: number | null
  /** Open questions, the oldest first. */
  waits?: Wait[]
  steps: StepRecord[]
}

/** Write the field at `path`, or without `value` remove it. */
export type SetOp = {
  op: 'set'
  table: TableName
  key: string
  path: string[]
  value?: Json
}

export type StepAttempt = {
  startedAt: string
  endedAt: string | null
  outcome: string
}

/** Why a step failed. The headline is for people; the cause is the provider's own sentence. */
export type StepFailure = {
  code: string
  message: string
  headline: string
  /** Empty where the headline says it all. */
  cause: string
  retryable: boolean
}

export type StepQuote = {
  key: string
  will: 'run' | 'reuse'
  /** One short sentence: "Motion changed", "Same inputs as run …". */
  why: string
  units: number
  seconds: number | null
  /** Of a batch: how many items are expected. */
  items?: number | null
}

export type StepRecord = {
  key: string
  title: string
  tool: string
  provider?: string
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
  kind?: StepKind
  /** Of an item: the key of its batch. */
  parent?: string | null
  /** Of an item: its position in the batch, from 0. */
  index?: number
  /** Of an item: what it is called. */
  label?: string
  /** What a person answered, in words. */
  answer?: string
}

/** Records in an order of their own. */
export type Table = {
  readonly order: readonly string[]
  readonly rows: Readonly<Record<string, Json>>
}

export type TemplateFacts = {
  name: string
  visibility: 'private' | 'public'
  publishedVersion: string | null
  isOwner: boolean
  canEdit: boolean
  owner?: string
}

export type Tool = {
  name: string
  title: string
  group: string
  help: string
  icon: string
  output: MediaKind | null
  isSeeded: boolean
  isProvided: boolean
  /** Why it can't be used at all, for a tool that only says so. */
  unusable: string
  provider: string
  providers: Provider[]
  /** Capacity units of one result. */
  units: number
  /** The argument that says how many results are made; empty for always one. */
  count: string
  ports: ToolPort[]
  parameters: ToolParameter[]
}

/** A parameter of a tool, in wire spelling. */
export type ToolParameter = {
  name: string
  title: string
  help: string
  /** JSON Schema of its value. */
  schema: Record<string, Json>
  spellings: string[]
  default: Json
  isRequired: boolean
  isPinned: boolean
  /** Listed values are known ones, others are allowed too. */
  isLoose: boolean
  unit: string
}

/** A media input of a tool. */
export type ToolPort = {
  name: string
  title: string
  help: string
  kind: MediaKind
  /** What an edge writes. */
  argument: string
  /** Every spelling that fills this port, as declared; readers accept camel and snake case. */
  spellings: string[]
  /** Whether `argument` takes a list. */
  isList: boolean
  isRequired: boolean
  implied: 'none' | 'latest' | 'all'
  /** Required and implied hold only under this condition. */
  when: When | null
  maxItems: number
}

export type Uploaded = {
  id: string
  url: string
  kind: MediaKind
  width: number | null
  height: number | null
  duration: number | null
  filename: string
}

export type VersionRow = {
  number: number
  version: string
  label: string
  cause: string
  by: string
  createdAt: string
  isHead: boolean
  isPublished: boolean
}

export type Wait = {
  id: string
  is: Asking
  /** null: the run as a whole asks. */
  step: string | null
  /** The stage it belongs to on the canvas. */
  stage: string | null
  reason: string
  /** The question, in a sentence or a few. */
  message: string
  /** What there is to pick from, or what is to be approved. */
  candidates: Medium[]
  /** How many are picked at least. */
  min: number
  max: number
  /** What the run is expected to use, when its cost is asked about. */
  units: number | null
  /** What the buttons say when a provider waits; else empty. */
  approve?: string
  decline?: string
}

/** A condition of a port. values: of the parameter; none: any value will do. */
export type When = {
  parameter: string
  values: Json[]
}

export type PortOutline =
  | { width: number; height: number; radius: number }
  | { points: [number, number][] }
  | { radius: number; stroke: number }

export const PORT_OUTLINES: Record<SocketKind, PortOutline> = {
  text: {"width": 12.4, "height": 6.5, "radius": 1.9},
  image: {"width": 9.8, "height": 9.8, "radius": 1.9},
  video: {"points": [[-4.3, -5.7], [6.2, 0], [-4.3, 5.7]]},
  audio: {"radius": 5.4, "stroke": 0.0},
  number: {"points": [[0, -6.5], [6.5, 0], [0, 6.5], [-6.5, 0]]},
  choice: {"radius": 4, "stroke": 3},
  model: {"points": [[0, -6.2], [5.4, -3.1], [5.4, 3.1], [0, 6.2], [-5.4, 3.1], [-5.4, -3.1]]},
}
