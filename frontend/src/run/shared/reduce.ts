/** Events of a run's log, taken into the state of the run. Pure: no page, no network. */

import type {
  ArtifactOut,
  LogEntry,
  MediaKind,
  Medium,
  RunState,
  RunStatus,
  StepAttempt,
  StepFailure,
  StepStatus,
  Wait,
} from '../../api/schema'
import { gateOf, gatherItems, holdersOf, isElement } from './batches'
import type { RunHead } from './runHead'
import { isFinal } from './status'
import type { StepState } from './stepState'

type Entry = 'sequence' | 'event' | 'stepId' | 'stepStatus' | 'message' | 'createdAt'

/**
 * An event as `/ws/runs/<id>` sends it, in its message's `data`; of its payload what is read here.
 * status: the run's, not a step's. Absent where a later resume undid it.
 */
export type RunEvent = Pick<LogEntry, Entry> & {
  status?: RunStatus
  data: {
    progress?: number
    note?: string
    retrying?: string
    /** The end of the attempt before. Logs of older versions do not say. */
    outcome?: string
    artifact?: WireArtifact
    reused_from?: string
    error?: Partial<StepFailure> & { message: string }
    items?: { id: string; index: number; label?: string }[]
  }
}

type WireArtifact = Pick<
  ArtifactOut,
  'id' | 'type' | 'url' | 'filename' | 'posterUrl' | 'width' | 'height' | 'duration'
>

export interface Followed {
  readonly run: RunHead
  readonly steps: Readonly<Record<string, StepState>>
}

export interface Taken extends Followed {
  /** Something is missing or unknown here: only the server's state tells the truth. */
  readonly inDoubt: boolean
  /** Stages that finished in these events. */
  readonly done: readonly string[]
}

/** Events about questions and about an item's version: their content is in the state alone. */
const ASKING: ReadonlySet<string> = new Set([
  'step_waiting_for_user',
  'step_resumed',
  'item_version_selected',
  'workflow_waiting_for_user',
  'workflow_resumed',
  'billing_preview_updated',
  'cost_confirmation_resolved',
])

/** Take in a run's state. Steps that say the same as before stay the same objects. */
export function fromState(state: RunState, before?: Followed): Followed {
  const { steps: records, ...head } = state
  const list = records.map((step) => withAsked(step, head))
  const steps: Record<string, StepState> = {}
  for (const step of list) {
    const earlier = before?.run.id === state.id ? before.steps[step.key] : undefined
    steps[step.key] =
      earlier && sameStep(earlier, step) ? earlier : withKnownAddresses(step, earlier)
  }
  const items = itemsOf(list, steps)
  gatherAll(steps, items, Object.keys(items))
  return { run: { ...head, order: orderOf(list), items }, steps }
}

/** Let a step that waits for the one who started the run say for whom, if that is someone else. */
function withAsked(step: StepState, run: Pick<RunHead, 'isMine' | 'by'>): StepState {
  if (step.status === 'waiting' && !run.isMine)
    return step.asks ? step : { ...step, asks: run.by.name }
  if (!step.asks) return step
  const { asks: _, ...rest } = step
  return rest
}

/** Let a batch say what its items come to. */
function gather(
  steps: Record<string, StepState>,
  items: Readonly<Record<string, readonly string[]>>,
  batch: string,
): void {
  const step = steps[batch]
  const keys = items[batch]
  if (!step || !keys) return
  const inside = keys.flatMap((key) => steps[key] ?? [])
  steps[batch] = gatherItems(withTurn(step, inside, steps), inside, isElement(step, steps))
}

/** Let a group or batch wait for who is asked inside it: that comes before what goes on beside. */
function withTurn(
  group: StepState,
  inside: readonly StepState[],
  steps: Readonly<Record<string, StepState>>,
): StepState {
  if (!['running', 'waiting'].includes(group.status)) return group
  const { asks: _, ...rest } = group
  for (const step of inside)
    for (const asking of [step, steps[gateOf(step.key)]])
      if (asking?.status === 'waiting') {
        const asks = asking.asks === undefined ? {} : { asks: asking.asks }
        return { ...rest, status: 'waiting', message: asking.message || step.title, ...asks }
      }
  return { ...rest, status: 'running' }
}

/** Gather batches and what they are in, from the inside out. */
function gatherAll(
  steps: Record<string, StepState>,
  items: Readonly<Record<string, readonly string[]>>,
  batches: readonly string[],
): void {
  const depth = (key: string) => holdersOf(steps, steps[key]).length
  const keys = new Set(batches.flatMap((batch) => [batch, ...holdersOf(steps, steps[batch])]))
  for (const key of [...keys].sort((one, other) => depth(other) - depth(one)))
    gather(steps, items, key)
}

/** Stages alone: items are under their batch, checkpoints at their stage. */
function orderOf(steps: readonly StepState[]): string[] {
  return steps.filter((step) => !step.parent && step.kind !== 'gate').map((step) => step.key)
}

/** Kinds of steps that make nothing by themselves. */
const HOLDS_OTHERS: ReadonlySet<string> = new Set(['group', 'expand', 'gate'])

/** The tool of a batch over a template. */
const GROUP = 'group'

function itemsOf(steps: readonly StepState[], byKey: Followed['steps']): Record<string, string[]> {
  const byBatch: Record<string, StepState[]> = {}
  const add = (batch: string, step: StepState) => {
    byBatch[batch] ??= []
    byBatch[batch].push(step)
  }
  for (const step of steps) {
    if (HOLDS_OTHERS.has(step.kind ?? '') && !isElement(step, byKey)) continue
    for (const holder of holdersOf(byKey, step)) {
      add(holder, step)
      // To what is around it, an element is one.
      if (isElement(byKey[holder], byKey)) break
    }
  }
  // What a group holds is in the order of the run already.
  for (const batch in byBatch)
    if (byKey[batch]?.kind !== 'group')
      byBatch[batch]?.sort((one, other) => (one.index ?? 0) - (other.index ?? 0))
  return Object.fromEntries(
    Object.entries(byBatch).map(([batch, items]) => [batch, items.map((item) => item.key)]),
  )
}

/** Take in events in their order. Those already known are passed over. */
export function reduce(followed: Followed, events: readonly RunEvent[]): Taken {
  let run = followed.run
  let steps: Record<string, StepState> | null = null
  let inDoubt = false
  const doneKeys: string[] = []
  const batches = new Set<string>()
  for (const event of events) {
    if (event.sequence <= run.lastSeq) continue
    if (event.sequence > run.lastSeq + 1) inDoubt = true
    const status = event.status ?? run.status
    const isOver = isFinal(status) && !event.stepId
    const finishedAt = isOver ? event.createdAt : isFinal(status) ? run.finishedAt : null
    run = { ...run, lastSeq: event.sequence, status, finishedAt }
    if (ASKING.has(event.event)) inDoubt = true
    if (!event.stepId) continue
    const step: StepState | undefined = (steps ?? followed.steps)[event.stepId]
    if (!step) {
      inDoubt = true
      continue
    }
    const next = withAsked(stepAfter(step, event), run)
    run = withoutAnswered(run, next, event)
    // What a group holds is known from the start; what is inside it, the server puts in its place.
    const isWhole = step.kind === 'expand' && step.tool === GROUP
    if (event.event === 'step_expanded' && (step.parent || isWhole)) inDoubt = true
    else if (event.event === 'step_completed' && isElement(step, followed.steps)) inDoubt = true
    else if (event.event === 'step_expanded' && step.kind !== 'group') {
      const items = itemsAfter(step, event)
      steps = { ...(steps ?? followed.steps) }
      for (const item of items) steps[item.key] ??= item
      run = { ...run, items: { ...run.items, [step.key]: items.map((item) => item.key) } }
    }
    if (next === step) continue
    steps ??= { ...followed.steps }
    steps[step.key] = next
    for (const batch of [step.key, ...holdersOf(steps, step)]) batches.add(batch)
    if (next.status === 'completed' && step.status !== 'completed') doneKeys.push(step.key)
  }
  if (steps && run.items) gatherAll(steps, run.items, [...batches])
  return { run, steps: steps ?? followed.steps, inDoubt, done: doneKeys }
}

/** A step that goes on asks no more, nor does the checkpoint of a stage that is made again. */
function withoutAnswered(run: RunHead, step: StepState, event: RunEvent): RunHead {
  const isAgain = event.event === 'step_resumed'
  const isOver = (wait: Wait) =>
    (wait.step === step.key && step.status !== 'waiting') || (isAgain && wait.stage === step.key)
  if (!run.waits?.some(isOver)) return run
  return { ...run, waits: run.waits.filter((wait) => !isOver(wait)) }
}

/** The items of a batch that was just told what they are. */
function itemsAfter(batch: StepState, { data }: RunEvent): StepState[] {
  const { title, tool, seed } = batch
  return (data.items ?? []).map((item) => ({
    key: item.id,
    title: item.label || title,
    tool,
    kind: 'tool',
    parent: batch.key,
    index: item.index,
    label: item.label ?? '',
    status: 'pending',
    progress: 0,
    message: '',
    startedAt: null,
    finishedAt: null,
    attempts: [],
    reusedFrom: null,
    error: null,
    seed,
    artifacts: [],
  }))
}

function stepAfter(step: StepState, event: RunEvent): StepState {
  const { data, createdAt: at } = event
  switch (event.event) {
    case 'step_started':
      return {
        ...step,
        status: 'running',
        progress: 0,
        message: '',
        startedAt: at,
        finishedAt: null,
        error: null,
        reusedFrom: null,
        artifacts: [],
        attempts: [
          ...endAttempt(step.attempts, at, 'lost'),
          { startedAt: at, endedAt: null, outcome: '' },
        ],
      }
    case 'step_progress':
      if (data.retrying)
        return {
          ...step,
          status: 'ready',
          progress: 0,
          message: data.retrying,
          attempts: endAttempt(step.attempts, at, data.outcome ?? 'error'),
        }
      return {
        ...step,
        status: 'running',
        progress: data.progress ?? step.progress,
        message: data.note ?? '',
      }
    case 'artifact_created':
      if (!data.artifact || step.artifacts.some((known) => known.id === data.artifact?.id))
        return step
      return { ...step, artifacts: [...step.artifacts, mediumOf(data.artifact)] }
    case 'step_expanded':
      // The batch holds no worker while its items are at work.
      return { ...step, status: 'running', attempts: endAttempt(step.attempts, at, 'done') }
    case 'step_completed':
      return {
        ...finishStep(step, 'completed', at, 'done'),
        progress: 1,
        message: '',
        error: null,
        reusedFrom: data.reused_from ?? null,
      }
    case 'step_failed':
      return {
        ...finishStep(step, 'failed', at, 'error'),
        message: event.message,
        error: {
          code: data.error?.code ?? '',
          message: data.error?.message ?? event.message,
          headline: data.error?.headline ?? data.error?.message ?? event.message,
          cause: data.error?.cause ?? '',
          retryable: data.error?.retryable ?? false,
        },
      }
    case 'step_skipped':
      return { ...finishStep(step, 'skipped', at, ''), message: event.message }
    case 'step_waiting_for_user':
      return { ...step, status: 'waiting', message: event.message }
    case 'step_resumed':
      return { ...step, status: 'pending', progress: 0, message: '', finishedAt: null, error: null }
    case 'step_cancelled':
      return { ...finishStep(step, 'cancelled', at, 'cancelled'), message: '' }
    default:
      return event.stepStatus ? { ...step, status: statusOf(event.stepStatus) } : step
  }
}

function finishStep(step: StepState, status: StepStatus, at: string, outcome: string): StepState {
  return { ...step, status, finishedAt: at, attempts: endAttempt(step.attempts, at, outcome) }
}

/** The public log calls a step that asks a person by the run's word. */
function statusOf(status: string): StepStatus {
  return (status === 'waiting_for_user' ? 'waiting' : status) as StepStatus
}

function endAttempt(attempts: StepAttempt[], at: string, outcome: string): StepAttempt[] {
  const last = attempts.at(-1)
  if (!last || last.endedAt) return attempts
  return [...attempts.slice(0, -1), { ...last, endedAt: at, outcome }]
}

function mediumOf(artifact: WireArtifact): Medium {
  return {
    id: artifact.id,
    kind: artifact.type as MediaKind,
    url: artifact.url,
    posterUrl: artifact.posterUrl ?? null,
    width: artifact.width ?? null,
    height: artifact.height ?? null,
    duration: artifact.duration ?? null,
    filename: artifact.filename,
  }
}

/** Every answer signs media again: what is shown already keeps its address, and is not loaded twice. */
function withKnownAddresses(step: StepState, known: StepState | undefined): StepState {
  if (!known || known.artifacts.length === 0) return step
  const artifacts = step.artifacts.map((medium) => {
    const earlier = known.artifacts.find((other) => other.id === medium.id)
    if (!earlier) return medium
    return { ...medium, url: earlier.url, posterUrl: earlier.posterUrl ?? medium.posterUrl }
  })
  return { ...step, artifacts }
}

function sameStep(one: StepState, other: StepState): boolean {
  return plain(one) === plain(other)
}

function plain(step: StepState): string {
  const { artifacts, ...rest } = step
  const media = artifacts.map(({ url: _, posterUrl, ...medium }) => [medium, posterUrl !== null])
  return JSON.stringify([Object.entries(rest).sort(), media])
}
