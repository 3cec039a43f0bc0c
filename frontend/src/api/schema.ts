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
  'plan',
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

export const INPUT_TYPES = [
  'image',
  'audio',
  'video',
  'text',
  'number',
  'select',
  'boolean',
] as const
export type InputType = (typeof INPUT_TYPES)[number]

export const STAGE_TYPES = ['fixed', 'interactive', 'batch'] as const
export type StageType = (typeof STAGE_TYPES)[number]

export const CONDITION_TYPES = [
  'always',
  'if_success_of',
  'if_error_in',
  'if_artifact_exists',
  'expr',
] as const
export type ConditionType = (typeof CONDITION_TYPES)[number]

export const CATEGORIES = [
  'portrait',
  'video-social',
  'makeover',
  'cinematic',
  'music',
  'analysis',
  'custom',
  'other',
] as const
export type Category = (typeof CATEGORIES)[number]

export const STEP_KINDS = ['tool', 'expand', 'wait', 'gate', 'group'] as const
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

export const PUBLIC_STEP_STATUSES = [
  'pending',
  'running',
  'waiting_for_user',
  'completed',
  'failed',
  'skipped',
  'cancelled',
] as const
export type PublicStepStatus = (typeof PUBLIC_STEP_STATUSES)[number]

export const WAITING_REASONS = [
  'ask_clarifying_question',
  'select_media_required',
  'cost_approval_required',
  'cost_reauthorization_required',
  'safety_review_required',
  'workflow_user_input_required',
  'insufficient_credit',
  'permission_required',
  'other',
] as const
export type WaitingReason = (typeof WAITING_REASONS)[number]

export const ASKINGS = ['question', 'pick', 'checkpoint', 'go-on', 'cost', 'credit'] as const
export type Asking = (typeof ASKINGS)[number]

export const EDIT_KINDS = [
  'restore',
  'animate',
  'style',
  'edit',
  'upscale',
  'remove_background',
  'replace_segment',
  'extend',
  'subtitles',
  'overlay',
  'loop',
  'crop',
  'trim',
  'analyze',
  'orbit',
  'model',
  'join',
] as const
export type EditKind = (typeof EDIT_KINDS)[number]

export const USUAL_MUSICS = [
  'Emotional cinematic piano with warm strings',
  'Energetic electronic dance music with a clear beat',
] as const
export type UsualMusic = (typeof USUAL_MUSICS)[number]

export type Accepted = {
  id: string
  rev: number
}

export type Actor = {
  id: string
  name: string
}

/** A file that a step made. `url` works without credentials for a day. */
export type ArtifactOut = {
  id: string
  stepId: string
  index: number
  type: MediaKind
  mediaType: MediaKind
  mimeType: string
  contentType: string
  filename: string
  url: string
  downloadUrl: string
  /** A picture of a 3D model. */
  posterUrl?: string | null
  width?: number | null
  height?: number | null
  /** In seconds. */
  duration?: number | null
  seed?: number | null
  metadata: Record<string, Json>
}

export type Author = {
  userId?: string
  displayName?: string
}

/** The version that a document rests on. */
export type BaseVersion = {
  number: number
  version: string
}

/**
 * The elements that a batch stage repeats, and the step for each. items: the elements when they are
 * known at planning; a file among them is the object {"$medium": ref, "kind": kind}. over: else
 * where they come from, `at` being empty. item: what is done for each; its key, sequence and needs
 * are the batch's own, and its late arguments may name `$item`. label: with `{index}` and `{field}`
 * placeholders. tries: attempts of an item after any kind of failure; 0: as any step. expected: how
 * many elements there will be, as far as planning can tell; for quotes. The item's seed is the
 * batch's own too. members: where the item is a group, the steps of it. They have their own
 * sequences, which no other step of the plan has.
 */
export type BatchSpec = {
  item_name: string
  item: PlanStep
  items?: Json[] | null
  over?: DeferredRef | null
  concurrency?: number
  allow_partial?: boolean
  label?: string
  tries?: number
  expected?: number
  members?: PlanStep[]
}

/** The expected use of a run. The breakdowns are left out of earlier quotes. */
export type BillingPreview = {
  /** Capacity units. */
  totalEstimatedCapacityUnits: number
  tokenType: string
  billingMode: string
  expectedDurationSeconds?: number | null
  validityUntil?: string | null
  createdAt?: string | null
  maxAcceptableUnits?: number | null
  templateId?: string | null
  inputs?: Record<string, Json> | null
  perToolBreakdown?: ToolCost[] | null
  perStageBreakdown?: StageCost[] | null
}

/**
 * An edge of a plan: a step's result, or the caller's media, goes into an argument. target_argument
 * None: order only (barrier, gate, a plain `dependsOn` string). `barrier`: the source may fail or
 * be skipped without harm. Such a binding with a target is not required; one without a target keeps
 * the order of media, or lets a condition ask how it ended. target_argument is a declared spelling
 * of one of the tool's ports, or of a parameter when the transform is `asset_ref`,
 * `artifact_data_uri`, `subtitle_cues`, `subtitle_srt` or `overlay_items`. Bindings of one target
 * are applied in their order. A batch as source gives the media of all its items, in order. output:
 * of such items, if they are a template, by its name; "" for the main one. Barriers are
 * transitively reduced, so a step may only be given up (skipped) once *all* its sources are
 * finished: anyone who waits for it relies on what lies before it being finished too.
 */
export type Binding = {
  source: string | '$input_media'
  target_argument: string | null
  transform?: Transform | null
  pick?: BindingPick | null
  media_kind?: MediaKind | null
  required?: boolean
  implied?: boolean
  barrier?: boolean
  output?: string
}

/** An argument that a step takes from an earlier one, or from `$input_media`. */
export type BindingOut = {
  sourceStepId: string
  targetArgument?: string | null
  transform?: string | null
  mediaType?: string | null
  sourceArtifactIndex?: number | null
  sourceArtifactId?: string | null
  required: boolean
}

/**
 * The results of a source that a binding takes. Exactly one field is set: see `FIRST`. index: the
 * n-th of the binding's media kind, in order of position; -1 is the last. With `$input_media` it
 * counts the caller's media of that kind, 0 first. path: `items[*]` takes every one, in order.
 * `latest` takes the newest medium of the kind among all results before the step, anyone who made
 * it, else the first the caller brought.
 */
export type BindingPick = {
  index?: number | null
  artifact_id?: string | null
  path?: string | null
}

/** The data that the editor's page holds when it is opened. */
export type Boot = {
  templateId: string
  me: Me
  canEdit: boolean
  /** null: I don't work on it and look at what is published. */
  role: 'owner' | 'editor' | 'commenter' | 'viewer' | null
  owner: string
  theme: string
  /** Why a text is no binding: patterns by key. */
  bindingPatterns: Record<string, string>
  isFirstVisit: boolean
  isOperator: boolean
  hasLanguageModel: boolean
  /** The message of the page before, shown once, such as "Remixed. It's yours now.". */
  message: string
}

/** The number of values that a `multiple` input takes. high None: any number. */
export type Bounds = {
  min?: number
  max?: number | null
}

/** The templates that stages are, by `<id>@<version>`, as a file takes them along. */
export type Bundle = {
  templates: Record<string, Record<string, Json>>
}

export type Candidate = {
  id: string
  kind: MediaKind
  url: string
  posterUrl: string | null
  label: string
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

/** People choose `pick` of `candidates` images before they are used. */
export type ChoicePlan = {
  candidates: number
  pick: number
}

export type ClosingStatus = {
  workflowId: string
  status: 'waiting_for_user' | 'completed' | 'partial_failure' | 'failed' | 'cancelled'
}

export type Comment = {
  id: number
  author: string
  hue: number
  initials: string
  text: string
  createdAt: string
  isEdited: boolean
  isResolved: boolean
  /** The key of its stage; empty: the whole draft. */
  stage: string
  /** Of a creation: which of its files. */
  position: number | null
  artifact: string | null
  isOfEarlierResult: boolean
  atMs: number | null
  /** The moment in words, such as `0:02`. */
  time: string
  x: number | null
  y: number | null
  isOwn: boolean
  canEdit: boolean
  canResolve: boolean
  canRemove: boolean
}

export type CommentList = {
  comments: CommentThread[]
  count: number
  /** `before` of the page of earlier ones. */
  earlier: number | null
  mayWrite: boolean
}

/** A remark with its answers. number: as its pin shows it. */
export type CommentThread = {
  id: number
  author: string
  hue: number
  initials: string
  text: string
  createdAt: string
  isEdited: boolean
  isResolved: boolean
  stage: string
  position: number | null
  artifact: string | null
  isOfEarlierResult: boolean
  atMs: number | null
  time: string
  x: number | null
  y: number | null
  isOwn: boolean
  canEdit: boolean
  canResolve: boolean
  canRemove: boolean
  number: number
  answers: Comment[]
}

/** The condition for a stage to run. Which of the three names it needs depends on its type. */
export type Condition = {
  type: ConditionType
  stageId?: string
  artifactName?: string
  expression?: string
}

/**
 * The outcome of `safeContentFilter`. steps: by step id, with batches as one. `on`: what the step
 * makes is filtered. `not_needed`: no model invents anything. `unavailable`: its provider can't
 * filter. Empty unless requested.
 */
export type ContentFilterOut = {
  requested: boolean
  steps: Record<string, 'on' | 'not_needed' | 'unavailable'>
  /** Which providers can't filter. */
  message?: string | null
}

/** A wait for money. */
export type CostCard = {
  isCost: boolean
  heading: string
  text: string
  assumed: string[]
  isExpired: boolean
  total: number | null
  until: string | null
}

export type CostOut = {
  /** Capacity units. */
  estimated: number
  actual?: number | null
}

/** A stage that was opened. key: as its step is called in a run of the whole template. */
export type Crumb = {
  key: string
  title: string
  /** Whether it is one element of the batch before it. */
  isElement: boolean
}

/** A point on the canvas. */
export type Cursor = {
  x: number
  y: number
}

/**
 * An argument with references to what is not known when a run is planned. argument: in declared
 * spelling. value: the whole argument, inputs filled in, null wherever a reference is. Sources are
 * among the step's needs. Where the argument is a port's, what the references give must be media,
 * and the caller's media beside them in a list are the objects {"$medium": ref, "kind": kind};
 * elsewhere a file is written as its id, as `asset_ref` writes it. required: a reference that leads
 * to nothing fails the step; else the argument is left out.
 */
export type DeferredArgument = {
  argument: string
  value: Json
  refs: DeferredRef[]
  required?: boolean
}

/**
 * A reference that is read when its step starts. at: where its value goes, as a path of keys and
 * positions from where it is. ref: the binding as written. source: the step whose result
 * `$artifacts…` means here; None for `$item` and `$run`. batch: whose element `$item…` means, where
 * it isn't the step's own; default, is_optional: of an element that lacks it. output: as `Binding`
 * has it.
 */
export type DeferredRef = {
  at: (string | number)[]
  ref: string
  source?: string | null
  batch?: string | null
  default?: Json
  is_optional?: boolean
  output?: string
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
  readonly plan: Table
}

/**
 * You missed more than the socket sends again: read the document over HTTP. Changes after `rev`
 * follow here.
 */
export type DocumentBehind = {
  event: 'behind'
  /** The revision that the server has sent or told of. */
  rev: number
  version: string
}

/** A change of the draft, in order and without gaps. */
export type DocumentChange = {
  event: 'change'
  change: Recorded
}

/** Comments on the draft were written, changed, resolved or deleted: read them over HTTP. */
export type DocumentComments = {
  event: 'comments'
}

export type DocumentMessage =
  | DocumentChange
  | DocumentSaved
  | DocumentBehind
  | DocumentPeople
  | DocumentRole
  | DocumentRun
  | DocumentComments
  | DocumentPing
  | DocumentPong

/**
 * Everyone who has the document open, whenever someone comes, goes, selects or points; at most 20
 * times a second.
 */
export type DocumentPeople = {
  event: 'people'
  people: Person[]
}

/** Every 15 seconds without another message. */
export type DocumentPing = {
  event: 'ping'
  /** The revision that the server has sent or told of. */
  rev: number
}

/** The answer to `ping`. */
export type DocumentPong = {
  event: 'pong'
  /** The revision that the server has sent or told of. */
  rev: number
}

/** Roles in this template changed: read the document again over HTTP for yours. */
export type DocumentRole = {
  event: 'role'
}

/** Someone started a run of this draft. Everyone who works on it may read and follow it. */
export type DocumentRun = {
  event: 'run'
  /** The run's id. */
  id: string
}

/** The draft was saved as a new version, which it rests on now. */
export type DocumentSaved = {
  event: 'saved'
  version: string
}

/** One operation on the person's file. words: its prompt. start, end: seconds of the clip. */
export type EditPlan = {
  type: EditKind
  words: string
  start: number | null
  end: number | null
  aspect: '' | '1:1' | '4:3' | '3:4' | '16:9' | '9:16' | '21:9'
}

/**
 * The failure of a run or a step. errorType is one of the public contract's names. headline: what
 * people read first. cause: the provider's own sentence, where it adds something. provider: the id
 * of the provider it failed at.
 */
export type FailureOut = {
  code: string
  errorType: string
  message: string
  retryable: boolean
  headline: string
  cause?: string | null
  provider?: string | null
}

/** The large part of an unfinished run's page: a file, or a question, or nothing. */
export type Featured = {
  artifact: string | null
  question: string
  stage: string
}

/** A file that people bring. name: the input's. */
export type FileInput = {
  name: string
  kind: 'image' | 'video' | 'audio'
  title: string
  count: number
}

/**
 * The stages of a finished run that can be made final. key: of the request; each page has another.
 */
export type FinalOffer = {
  key: string
  stages: FinalStage[]
}

/** A stage that can be made final, and what its model is told. */
export type FinalStage = {
  id: string
  provider: string
  providerTitle: string
  model: string
  modelTitle: string
  modelBy: string
  capacityUnits: number
  atMost: boolean
  draft: '' | 'alive' | 'expired'
  tool: string
  args: Record<string, Json>
  /** Of a batch: how many are expected. */
  items: number
  /** How many files of each port one call works on. */
  files: Record<string, number>
  /** Whether other models make it, too. */
  hasOthers: boolean
  /** The model that it names, where that isn't offered here: its quote is by another one. */
  missing: string
}

/** The remedy of an issue: ops to apply, or a control where a person clears it. */
export type Fix = {
  label: string
  ops: Op[]
  opens?: 'tool' | 'field' | 'stages'
}

/**
 * A group of steps. result: the member whose files are the group's. template: the title and version
 * of the one that it is; empty for one that only holds stages. outputs: of an element of a batch,
 * what others may take besides the result.
 */
export type GroupSpec = {
  result: string
  template?: string
  outputs?: PlanOutput[]
}

/** The reason that a run failed, in one of six sentences. reference: for the app's owner. */
export type GuestFailure = {
  code: 'input' | 'content' | 'busy' | 'budget' | 'stopped' | 'error'
  message: string
  reference: string
}

/** A file that was made. url: works while the app is open and its owner keeps the run. */
export type GuestFile = {
  kind: MediaKind
  url: string
  filename: string
  contentType: string
  width: number | null
  height: number | null
  duration: number | null
}

/** One result, as the author calls it: files, or a text. */
export type GuestOutput = {
  name: string
  label: string
  files: GuestFile[]
  text?: string
}

/**
 * A question to the guest. choices: what it is about, or what to choose from, by position from 1;
 * least, most: how many of them to choose.
 */
export type GuestQuestion = {
  id: number
  kind: 'question' | 'selection' | 'stage' | 'gate'
  text: string
  choices: GuestFile[]
  least: number
  most: number
}

/**
 * A guest's run. waitsFor: whom, while its status is `waiting_for_user`. doneCount: how many of its
 * stageCount stages are over. stages: only where the author shows them. notice: that results are of
 * draft quality, what they leave out of the guest's words, and where they come from.
 */
export type GuestRun = {
  id: string
  status: RunStatus
  waitsFor?: 'guest' | 'author'
  doneCount: number
  stageCount: number
  inputs: Record<string, Json>
  question?: GuestQuestion
  outputs: GuestOutput[]
  notice?: string
  failure?: GuestFailure
  stages?: GuestStage[]
  createdAt: string
  finishedAt: string | null
}

export type GuestStage = {
  title: string
  status: string
}

/** The inside of a stage, as a document that can't be edited. */
export type Inside = {
  /** The stages that lead to it, itself the last. */
  path: Crumb[]
  /** The template that the stage is; empty where it only holds stages of the same one. */
  template: string
  /** Whether the reader has that template's own page. */
  mayOpen: boolean
  /** Its values are what its inputs are given. */
  state: Doc
  media: Record<string, ReferencedMedium>
  /** The origins of its inputs' values that aren't known, in words. */
  sources: Record<string, string>
  uses: Use[]
}

export type InvitedPerson = {
  username: string
  role: 'owner' | 'editor' | 'commenter' | 'viewer'
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

/** One step of a batch, as the batch lists it. */
export type ItemOut = {
  id: string
  index: number | null
  label: string
  status: PublicStepStatus
}

/** A proposal that was neither accepted nor refused. Its person's alone. */
export type KeptProposal = {
  proposal: Proposal
  /** The words that it was made of. */
  brief: string
  /** The draft has changed since: the proposal is to be made again. */
  isStale: boolean
  /**
   * The controls that made it, as `POST /app/compose` takes them; null where words or a plan did.
   */
  controls: Record<string, Json> | null
  /** The ids of the stages that these were limited to; empty for all. */
  selection: string[]
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

export type LicenseChoice = {
  value: string
  text: string
  isChosen: boolean
}

/**
 * One entry of a run's log. `status` is the run's, `stepStatus` the step's. A closing entry that a
 * later resume undid has `previousStatus` instead of `status`.
 */
export type LogEntry = {
  id: string
  sequence: number
  event: string
  type: string
  workflowId: string
  status?: RunStatus | null
  previousStatus?: RunStatus | null
  stepId?: string | null
  stepStatus?: PublicStepStatus | null
  toolName?: string | null
  message: string
  /** Unix time in seconds. */
  timestamp: number
  /** The same moment as ISO 8601 text. */
  createdAt: string
  data: Record<string, Json>
}

export type LogLine = {
  sequence: number
  message: string
  at: string
}

export type Me = {
  id: string
  name: string
  initials: string
  hue: number
}

/**
 * A file the caller brought. Position i among its kind is wire index -(i+1). inline: it came as an
 * address inside a step's arguments, not with the request, so it is no one's default. Inline media
 * follow all others.
 */
export type MediaRef = {
  kind: MediaKind
  url: string | null
  asset: string | null
  label?: string
  id?: string
  inline?: boolean
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
  /** Whether its quality is that of a draft. */
  isDraft?: boolean
  /** Model, provider, length, size and what it cost, in words; empty: the built-in studio. */
  madeBy?: string
  /** The line that says what made it; empty where nothing is claimed. */
  origin?: string
  /** A moderator blocked it: its URLs answer 404. */
  isBlocked?: boolean
}

export type Member = {
  id: string
  name: string
  username: string
  hue: number
  role: 'owner' | 'editor' | 'commenter' | 'viewer'
}

export type ModelPrice = {
  /** Capacity units with the usual arguments. */
  units: number
  /** The unit: a result, a second or a megapixel of one, 1,000 characters of its text. */
  per: 'result' | 'second' | 'megapixel' | '1000_characters'
  /** It may cost less. */
  atMost: boolean
  /** It is another with other arguments or files. */
  varies: boolean
}

/**
 * The job of a request that had no answer, which its person may name. provider: its title. jobId,
 * problem: the one that was named before, and why it isn't that.
 */
export type NameableJob = {
  provider: string
  jobId: string
  problem: string
}

/**
 * A template to start from. units: what a run of it is estimated to cost, in credits; null while it
 * can't run. textInput: the input that the brief goes into.
 */
export type NearTemplate = {
  id: string
  name: string
  href: string
  previewUrl: string
  units: number | null
  textInput: string | null
}

/** One edit of one record. */
export type Op = PutOp | RemoveOp | SetOp | OrderOp

/** A text that people type. It takes the place of `{name}` in the texts of shots. */
export type OpenText = {
  name: string
  title: string
  default: string
  options: string[]
}

/** An answer of GET /app/documents/<id>. */
export type Opened = {
  id: string
  rev: number
  savedRev: number
  base: BaseVersion
  state: Doc
  media: Record<string, ReferencedMedium>
  uses: Use[]
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

/** A result that the template is used for; its name is its key. Those are shown by position. */
export type Output = {
  from: string
  label?: string
  position?: number
}

/** A result that the template is used for, as it is now: files, or a text. */
export type OutputOut = {
  name: string
  label?: string | null
  artifacts: ArtifactOut[]
  text?: string | null
}

/** All that a run's page shows beyond the run itself. */
export type PageView = {
  /** Label of the result of a finished run for screen readers. */
  title: string
  /** Keys of the stages that have a row. */
  order: string[]
  stages: Record<string, StageView>
  /** The file that a finished run was for. */
  film: string | null
  poster: string
  featured: Featured
  /** How many files there are. */
  made: number
  summary: string
  error: ShownError | null
  filtered: string
  took: string
  waited: string
  left: string
  rested: number
  restingSince: string | null
  starter: string
  estimate: number
  cost: CostCard | null
  /** Null where nothing can be made final. */
  final: FinalOffer | null
  turns: Turn[]
  /** Newest first. */
  log: LogLine[]
  actions: RunActions
}

/**
 * people: who works on it, the owner first. invited: names without an answer yet; the owner sees
 * them. opens: for the owner, the private templates that everyone here may open, as titles with
 * versions.
 */
export type People = {
  people: Member[]
  invited: InvitedPerson[]
  opens: string[]
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

/**
 * The work of a run. Steps are in topological order, their sequences rise. format: 2 where a step
 * is in a group, 3 where a batch repeats one, which programs that know only less can't carry out.
 * outputs: of a template, the main one first. scopes: of its template stages, outer ones first.
 */
export type Plan = {
  title: string
  steps: PlanStep[]
  media?: MediaRef[]
  artifact_names?: Record<string, string>
  format?: number
  outputs?: PlanOutput[]
  scopes?: PlanScope[]
}

/**
 * A result that a template is used for. pick: which of its source's files; None: all. output: of a
 * batch as source, as `Binding` has it.
 */
export type PlanOutput = {
  name: string
  source: string
  pick?: BindingPick | null
  label?: string
  output?: string
}

/** The plan that the stages of a draft were made of: the one row of the table `plan`. */
export type PlanRecord = {
  settings: Record<string, Json>
  brief: string
  by: string
  hash: string
}

/** The settings of a new template. */
export type PlanRow = {
  /** As `compose.plan.Plan` has them. */
  settings: Record<string, Json>
  /** Fields that the person's words set, such as "aspect" and "sound.music". */
  fromWords: string[]
  /** A sentence by field: two settings that disagree, a number out of bounds. */
  notes: Record<string, string>
}

/**
 * A template stage: its members find each other's media and those that it is given. first, end:
 * sequences of its group and of the last step inside; all between are inside. result: the step
 * whose media others find. media: what it is given, the first of a kind for members that find
 * nothing newer. repeats: it is done for each element of a batch, and what one element makes no
 * other finds. maker: sequence of what makes the result's media; -1: that of `result`.
 */
export type PlanScope = {
  first: number
  end: number
  result: string
  media?: Binding[]
  repeats?: boolean
  maker?: number
}

/**
 * All settings of a new template. shows: the person's words without those that became settings.
 * language: of the voice, ISO 639-1. style: the look, written behind the text of each shot.
 * approves_images: people look at the images before the film is made of them.
 */
export type PlanSettings = {
  title: string
  kind: 'film' | 'image' | 'song' | 'audio' | 'slideshow' | 'clip_edit' | 'photo_edit'
  shows: string
  language: string
  scenes: Shot[]
  seconds: number | null
  aspect: '' | '1:1' | '4:3' | '3:4' | '16:9' | '9:16' | '21:9'
  style: string
  camera: string
  transition: '' | 'fade' | 'dissolve' | 'wipeleft' | 'wiperight' | 'slideup' | 'slidedown'
  on_the_beat: boolean
  on_screen: string
  sound: SoundPlan
  media: FileInput[]
  open_texts: OpenText[]
  repeat: RepeatPlan | null
  choice: ChoicePlan | null
  approves_images: boolean
  edits: EditPlan[]
}

/**
 * One step of a plan. arguments: canonical wire spelling, defaults not filled; media appear only as
 * whole non-negative positions (`sourceImageIndex: 0`), everything else that names media is a
 * binding in `needs`. The one exception keeps a mixed list in order: beside non-negative positions,
 * the caller's media stay in the list as negative ones. sequence: (sequence, item_index, position)
 * orders all media, never completion time. late: arguments that are read when it starts; they do
 * not be in `arguments`. condition: {"type": "if_success_of" | "if_error_in", "sources": [key]},
 * {"type": "if_artifact_exists", "sources": [key…]} (the newest is asked first), or {"type":
 * "expr", "expression": tree of `graph.expressions`}. All sources are among the needs, as barriers.
 * ask: of kinds `wait` and `gate`. {"reason": one of runs.states.WAITING_REASONS, "prompt": {…}}:
 * prompt of an interactive stage: stageId, systemPrompt, userMessage, allowedTools, skillRef; of a
 * gate: stageId, the step it follows; of a question: question, reason. The argument `question` says
 * what is asked once its late references are read. select {"source": key, "kind": media kind,
 * "min", "max"?}: the answer picks among what that step made, and is what this step makes. group:
 * of kind `group`, which begins when its needs are over and ends with its last member. member_of:
 * the group that holds it: it begins after that does.
 */
export type PlanStep = {
  key: string
  sequence: number
  kind: StepKind
  tool: string
  wire_tool: string
  arguments: Record<string, Json>
  needs?: Binding[]
  title?: string
  stage_id?: string
  seed?: number | null
  late?: DeferredArgument[]
  condition?: Record<string, Json> | null
  on_error?: OnError
  batch?: BatchSpec | null
  ask?: Record<string, Json> | null
  group?: GroupSpec | null
  member_of?: string | null
}

/** A result that the gallery shows; made by the stage it names. */
export type Preview = {
  stageId?: string
  url?: string
  label?: string
  posterUrl?: string
  mediaType?: 'image' | 'video' | null
}

/** A version of it among the stages. reference: as stages name it. title: with its version. */
export type PrivateTemplate = {
  reference: string
  title: string
}

/** A text that may be changed when a stage is redone. value: empty where items differ. */
export type PromptWords = {
  name: string
  label: string
  value: string
}

/** A drafted or changed template, to look at. Nothing is stored. */
export type Proposal = {
  template: Record<string, Json>
  /** The same as a document. What is new has no position yet; the rest stays where it was. */
  state: Doc
  /** What a run is estimated to cost, in credits. */
  units: number
  /** The same for the template that was sent: 0 without stages, null while it has errors. */
  unitsBefore: number | null
  /** null where no budget was sent. */
  fitsBudget: boolean | null
  warnings: string[]
  message: string
  /** Sentences, one a change; empty for a new template. */
  changes: string[]
  /** null for a changed template. */
  plan: PlanRow | null
  /** "rules", or the language model's name. */
  planner: string
}

/** A provider of a tool's work. The first of a tool is asked when no model is named. */
export type Provider = {
  name: string
  title: string
  /** The models that choose it, when they are named. */
  models: string[]
  /** Every model it makes this tool's results by, its usual one first; none: any name will do. */
  makes: ProviderModel[]
  /** Capacity units of one result, by its usual model. */
  units: number
  /** Its results are of draft quality. */
  isDraft: boolean
}

export type ProviderModel = {
  title: string
  by: string
  price: ModelPrice | null
  seconds: [number, number] | null
  sizes: string[]
  takes: Record<string, number>
  ignores: string[]
  usualSeconds: number | null
  isDraft: boolean
  /** As arguments name it. */
  name: string
  /** Other names that choose it. */
  also: string[]
}

/** The snapshot of a run. `events` holds the latest 200; the log has them all. */
export type PublicRun = {
  workflowId: string
  id: string
  kind: string
  title: string
  status: RunStatus
  waitingReason?: WaitingReason | null
  awaitingCostApproval: boolean
  waiting?: WaitOut | null
  waits?: WaitOut[] | null
  safeContentFilter: boolean
  tokenType: string
  billingMode: string
  appSource?: string | null
  templateId?: string | null
  templateVersion?: string | null
  /** Capacity units. */
  estimatedCapacityUnits: number
  /** Capacity units. */
  actualCapacityUnits: number
  maxEstimatedCapacityUnits?: number | null
  error?: FailureOut | null
  /** Unix time in seconds. */
  createTime: number
  /** Unix time in seconds. */
  updateTime: number
  /** The same moment as ISO 8601 text. */
  createdAt: string
  /** The same moment as ISO 8601 text. */
  updatedAt: string
  completedAt?: string | null
  input: Record<string, Json>
  plan: Record<string, Json>
  events: LogEntry[]
  artifacts: ArtifactOut[]
  steps: StepOut[]
  outputs?: OutputOut[] | null
  contentFilter: ContentFilterOut
  billingPreview: BillingPreview
  billingPreviews: BillingPreview[]
}

/** Add a record or replace it. after: the key it comes behind; null: the first. */
export type PutOp = {
  op: 'put'
  table: TableName
  key: string
  value: Json
  after?: string | null
}

/**
 * The quote of a run. units: of what runs; fullUnits: of everything; unfiltered: which providers
 * have no content filter, in a sentence, or ""; offersDraft: whether the built-in studio can draw
 * what other providers would make.
 */
export type Quote = {
  rev: number
  steps: StepQuote[]
  units: number
  fullUnits: number
  seconds: number | null
  reusedFrom: string | null
  isComplete: boolean
  unfiltered: string
  offersDraft: boolean
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

/** The same shots once for each item of a list. */
export type RepeatPlan = {
  item_name: string
  items: string[]
  count: number | null
  same_images: boolean
  shows_name: boolean
}

/** The viewer's next actions. Addresses and the key of a form; empty: not offered. */
export type RunActions = {
  mayAct: boolean
  /** The page of what it is shared as. */
  share: string
  isPublic: boolean
  shareForm: string
  download: string
  filename: string
  offersPreview: boolean
  /** The id of the template it came from, if the viewer may still see it. */
  template: string
  isDraft: boolean
  againKey: string
}

export type RunMessage = WorkflowEvent | WorkflowStatus | RunPing | RunPong

/** A run as its page shows it. */
export type RunPage = {
  id: string
  by: Starter
  isMine: boolean
  mayStop: boolean
  status: RunStatus
  createdAt: string
  finishedAt: string | null
  lastSeq: number
  units: number
  documentRev: number | null
  waits?: Wait[]
  steps: StepRecord[]
  page: PageView
}

/** Every 15 seconds without an event, and at once where there is nothing to replay. */
export type RunPing = {
  event: 'ping'
  /** The sequence number of the last event that was sent. */
  id: number
}

/** The answer to `ping`. */
export type RunPong = {
  event: 'pong'
  /** The sequence number of the last event that was sent. */
  id: number
}

/** steps: how many; reused: how many of them took over an earlier result. */
export type RunRow = {
  id: string
  by: Starter
  isMine: boolean
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
  by: Starter
  isMine: boolean
  mayStop: boolean
  status: RunStatus
  createdAt: string
  finishedAt: string | null
  lastSeq: number
  units: number
  documentRev: number | null
  /** Open questions, the oldest first; none where others answer them. */
  waits?: Wait[]
  steps: StepRecord[]
}

export type SeenFile = {
  kind: MediaKind
  url: string
}

/** The choices of an interactive stage. high None: any number. */
export type Select = {
  from: string
  min?: number
  max?: number | null
}

/** Write the field at `path`, or without `value` remove it. */
export type SetOp = {
  op: 'set'
  table: TableName
  key: string
  path: string[]
  value?: Json
}

/**
 * One row of the film, or one image. text: what is seen. type "title": a card, whose text is the
 * words on it. framing: "close-up", written behind the text. seconds: its own length. uses: the
 * name of an item of `media`.
 */
export type Shot = {
  text: string
  type: 'shot' | 'title'
  framing: string
  seconds: number | null
  uses: string
  ask_before: boolean
}

export type ShownError = {
  headline: string
  cause: string
}

/**
 * music, speech: None leaves it to the preset: music for a film, no voice. spoken: what the voice
 * says. *_words: how it sounds. lyrics: the music is sung.
 */
export type SoundPlan = {
  music: boolean | null
  speech: boolean | null
  lyrics: boolean
  subtitles: boolean
  keep_original: boolean
  music_words: string
  voice_words: string
  effect_words: string
  spoken: string
}

/** An estimate, from least to most. */
export type Span = {
  min: number
  max: number
}

export type StageCost = {
  stageId: string
  /** Capacity units. */
  units: number
  assumptions: string[]
}

/** The facts of a step's row that its record lacks. */
export type StageView = {
  title: string
  icon: string
  /** The port type of what it makes. */
  kind: string
  toolTitle: string
  /** Estimated; of a batch with all its items. */
  units: number
  usual: number | null
  /** Of the step as it is in this answer. */
  note: string
  said: string
  /** Of an item: the id of its details on the page. */
  anchor: string
  /** What it changed and what it made of it, or nothing. */
  sides: SeenFile[]
  /** Of a batch: how many items it is expected to have, in words. */
  expected?: string
}

/** The person who started a run, and pays for it. */
export type Starter = {
  id: string
  name: string
  hue: number
}

export type StepAttempt = {
  startedAt: string
  endedAt: string | null
  outcome: string
}

/** The failure of a step. The headline is for people; the cause is the provider's own sentence. */
export type StepFailure = {
  code: string
  message: string
  headline: string
  /** Empty where the headline says it all. */
  cause: string
  retryable: boolean
}

/**
 * A step as the snapshot shows it. result has the shape of a tool result. A batch has `items` and a
 * group has its stages as such; each is a step with `parentId`.
 */
export type StepOut = {
  id: string
  sequence: number
  toolName: string
  title: string
  status: PublicStepStatus
  progress: number
  attempt: number
  parentId?: string | null
  itemIndex?: number | null
  itemLabel?: string | null
  items?: ItemOut[] | null
  arguments: Record<string, Json>
  resolvedArguments?: Record<string, Json> | null
  dependsOn: BindingOut[]
  artifacts: ArtifactOut[]
  cost: CostOut
  result?: Record<string, Json> | null
  provider?: string | null
  seed?: number | null
  reusedFrom?: string | null
  /** Of a step that was made more than once, the oldest first; `select_version` chooses. */
  versions?: VersionOut[] | null
  selectedVersionId?: string | null
  /** True where a person keeps it as it is. */
  locked?: boolean | null
  /**
   * Why it waits, in words, while it is queued or at its provider. Only `GET` of one run says it,
   * and no event does.
   */
  message?: string | null
  /** The same as `message`, for programs. */
  queueReason?: 'account_suspended' | 'restored_copy' | 'label_missing' | 'provider_paused' | 'provider_waits' | 'provider_full' | 'key_full' | 'key_paused' | 'retry_at' | 'workers_busy' | 'next' | 'at_provider' | null
  error?: FailureOut | null
  startedAt?: string | null
  completedAt?: string | null
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
  /** Key of an item's batch, or of the outermost group around a stage. */
  parent?: string | null
  /** Key of the group or batch directly around a stage that is deeper inside; else empty. */
  group?: string
  /** Of an item: its position in the batch, from 0. */
  index?: number
  label?: string
  /** What a person answered, in words. */
  answer?: string
}

/** Records in an order of their own. */
export type Table = {
  readonly order: readonly string[]
  readonly rows: Readonly<Record<string, Json>>
}

/**
 * A template as it is stored and sent. unreadable: names of inputs that are declared, but so badly
 * that nothing else is known.
 */
export type Template = {
  name?: string
  id?: string | null
  version?: string | null
  author?: 'system' | Author | null
  description?: string
  brief?: string
  thumbnailUrl?: string
  category?: Category | null
  stability?: 'production' | 'beta' | 'experimental' | null
  visibility?: 'private' | 'public' | null
  exposeToLLM?: boolean
  llmPriority?: number | null
  tags?: string[]
  reviewFocus?: string[]
  metadata?: Record<string, Json> | null
  graph?: Record<string, Json> | null
  extra?: Record<string, Json> | null
  openMontageImport?: Record<string, Json> | null
  estimatedCapacityUnits?: Span | null
  estimatedCredits?: Span | null
  inputs?: TemplateInput[]
  stages?: TemplateStage[]
  outputs?: Record<string, Output>
  previewArtifacts?: Preview[]
}

/** A template that may be inserted, in its newest version that the reader may use. */
export type TemplateChoice = {
  template: string
  title: string
  owner: string
  version: string
  takes: MediaKind[]
  gives: MediaKind | null
  stages: number
  isOwn: boolean
  /** Whether others come to see a private template by it, so that a person is asked first. */
  asks: boolean
}

export type TemplateFacts = {
  name: string
  visibility: 'private' | 'public'
  publishedVersion: string | null
  isOwner: boolean
  canEdit: boolean
  role: 'owner' | 'editor' | 'commenter' | 'viewer' | null
  owner?: string
  /** What its owner may publish it under. */
  licenses?: LicenseChoice[]
  /** Those of its owner whose stages are shown when it is published. */
  privateTemplates?: PrivateTemplate[]
}

/** A declared input. default None: there is none, as a null counts as absent. */
export type TemplateInput = {
  name: string
  type: InputType
  description?: string
  options?: (string | number | boolean)[]
  jsonSchema?: Record<string, Json> | null
  required?: boolean
  default?: Json
  multiple?: Bounds | null
  internal?: boolean
}

/**
 * A stage of any type; what belongs to another type is empty (`spec_reader` leaves it out). item: a
 * batch stage's `itemStage`, a fixed stage under the batch's id. tries: how often an item is tried,
 * 0 when no one says.
 */
export type TemplateStage = {
  id: string
  type: StageType
  reviewFocus?: string[]
  successCriteria?: string[]
  humanApprovalDefault?: boolean
  tool?: string
  args?: Record<string, Json>
  systemPrompt?: string
  userMessage?: string
  skillRef?: string
  allowedTools?: string[]
  select?: Select | null
  label?: string
  produces?: string[]
  requiredArtifactsIn?: string[]
  optionalArtifactsIn?: string[]
  condition?: Condition | null
  bypass?: boolean
  onError?: OnError
  checkpointRequired?: boolean
  subStages?: TemplateStage[]
  overBinding?: string
  itemName?: string
  concurrency?: number
  maxAttemptsPerItem?: number
  itemStage?: TemplateStage | null
  partialExecutionEnabled?: boolean
  itemLabelTemplate?: string
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

export type ToolCost = {
  toolCallId: string
  stepId: string
  toolName: string
  /** Capacity units. */
  capacityUnits: number
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

/** A question to a person. */
export type Turn = {
  id: string
  step: string
  stage: string
  kind: 'question' | 'stage' | 'selection' | 'gate' | 'hold'
  heading: string
  text: string
  /** Titles of the stages around this one: `Shots › fox`; empty where there are none. */
  place: string
  candidates: Candidate[]
  least: number
  most: number
  words: PromptWords[]
  approve: string
  decline: string
  job: NameableJob | null
  /** The answer is all that may be given, by someone who holds a link. */
  asksOnly: boolean
  canLink: boolean
  isWide: boolean
  /** Why the form that was sent was refused. */
  problem: string
  /** What that form held. */
  picked: string[]
  typed: string
}

/** Templates made of a file's. names: theirs by those in the file. */
export type Unbundled = {
  names: Record<string, string>
  uses: Use[]
}

/** Ops that unpack a template stage, or put stages into one. keys: of what is in their place. */
export type Unpacked = {
  rev: number
  ops: Op[]
  keys: string[]
  uses: Use[]
}

export type Uploaded = {
  id: string
  url: string
  kind: MediaKind
  width: number | null
  height: number | null
  duration: number | null
  filename: string
  /** The change made to the file at upload, in a sentence; empty for none. */
  change: string
}

/** A version of a template that stages of this one may be. */
export type Use = {
  /** What such a stage has as its tool: `template:<id>@<version>`. */
  reference: string
  template: string
  version: string
  title: string
  /** The name of its author. */
  owner: string
  stages: number
  /** Whether the reader has the template's own page. */
  mayOpen: boolean
  /** A newer version that the reader may take instead; empty for none. */
  newer: string
  tool: Tool
  /** The main one first. */
  outputs: UseOutput[]
}

export type UseOutput = {
  name: string
  title: string
  kind: MediaKind | null
}

/** A version of a template that stages are, as a document. */
export type UsedVersion = {
  title: string
  version: string
  state: Doc
}

/** One time that a step was made. content: what it says, where it made no files. */
export type VersionOut = {
  id: string
  /** The same moment as ISO 8601 text. */
  createdAt: string
  artifacts: ArtifactOut[]
  content?: Json | null
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

/** A run's question to a person. */
export type Wait = {
  id: string
  type: Asking
  /** null: the run as a whole asks. */
  step: string | null
  /** The stage it belongs to on the canvas. */
  stage: string | null
  place?: string
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
  job?: NameableJob | null
}

/** A question to a person. details: what it is about, by reason. */
export type WaitOut = {
  waitId: number
  reason: WaitingReason
  message: string
  details: Record<string, Json>
}

/** A condition of a port. values: of the parameter; none: any value will do. */
export type When = {
  parameter: string
  values: Json[]
}

/**
 * An entry of the run's log, in order and without gaps. `data` is what REST and the event stream
 * show of the same entry.
 */
export type WorkflowEvent = {
  event: 'workflow_event'
  /** Its sequence number: 1, 2, 3 … */
  id: number
  data: LogEntry
}

/** The last message: the run is over or waits for a person. The server closes with 1000. */
export type WorkflowStatus = {
  event: 'workflow_status'
  /** The sequence number of the last event that was sent. */
  id: number
  data: ClosingStatus
}

/** A box, a polygon seen from its middle, or a circle; stroke: it is not filled. */
export type PortOutline =
  | { width: number; height: number; radius: number }
  | { points: [number, number][] }
  | { radius: number; stroke?: number }

export const PORT_OUTLINES: Record<SocketKind, PortOutline> = {
  text: { width: 12.4, height: 6.5, radius: 1.9 },
  image: { width: 9.8, height: 9.8, radius: 1.9 },
  video: { points: [[-4.3, -5.7], [6.2, 0], [-4.3, 5.7]] },
  audio: { radius: 5.4 },
  number: { points: [[0, -6.5], [6.5, 0], [0, 6.5], [-6.5, 0]] },
  choice: { radius: 4, stroke: 3 },
  model: { points: [[0, -6.2], [5.4, -3.1], [5.4, 3.1], [0, 6.2], [-5.4, 3.1], [-5.4, -3.1]] },
}
