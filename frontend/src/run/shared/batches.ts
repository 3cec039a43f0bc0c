/** A batch and its items: how far it is, what it made, how its tiles lie on a node. Pure. */

import type { Counts, StepState } from './stepState'

export function countItems(items: readonly StepState[]): Counts {
  const count = (...statuses: string[]) =>
    items.filter((item) => statuses.includes(item.status)).length
  return {
    total: items.length,
    done: count('completed'),
    failed: count('failed'),
    running: count('running'),
    left: count('skipped', 'cancelled'),
  }
}

/** List the groups and batches that a step is in, the nearest first. */
export function holdersOf(
  steps: Readonly<Record<string, StepState>>,
  step: StepState | undefined,
): string[] {
  const holders: string[] = []
  let key = step?.group || step?.parent
  while (key && !holders.includes(key)) {
    holders.push(key)
    key = steps[key]?.group || steps[key]?.parent
  }
  return holders
}

/** "9 of 12, 2 failed". */
export function countWords({ total, done, failed }: Counts): string {
  const words = `${done} of ${total}`
  return failed > 0 ? `${words}, ${failed} failed` : words
}

/** Return true if a step is an element of a batch over a template, whose stages are its items. */
export function isElement(
  step: StepState | undefined,
  steps: Readonly<Record<string, Pick<StepState, 'kind'>>>,
): boolean {
  return step?.kind === 'group' && steps[step.group || step.parent || '']?.kind === 'expand'
}

/**
 * A batch as its items are: its progress, its words and its media are theirs. isWhole: of an element
 * of a batch over a template, which has its own.
 */
export function gatherItems(
  batch: StepState,
  items: readonly StepState[],
  isWhole = false,
): StepState {
  if (items.length === 0) return batch
  const counts = countItems(items)
  const progress = items.reduce(
    (sum, item) => sum + (item.status === 'running' ? item.progress : 0),
    0,
  )
  const atWork = titleAtWork(batch, items)
  const over = counts.done + counts.failed + counts.left
  return {
    ...batch,
    counts,
    atWork,
    progress: batch.status === 'completed' ? 1 : (over + progress) / counts.total,
    message:
      batch.status === 'running' ? countWords(counts) + (atWork && ` · ${atWork}`) : batch.message,
    // The server says which files of its stages an element of a batch gives.
    artifacts: isWhole ? batch.artifacts : items.flatMap((item) => item.artifacts),
  }
}

/** Return the title of the stage inside that is running; "" where items are no stages, or none is. */
function titleAtWork(batch: StepState, items: readonly StepState[]): string {
  for (const { status, kind, title, atWork } of items) {
    const name = kind === 'group' ? atWork : batch.kind === 'group' && title
    if (status === 'running' && name) return name
  }
  return ''
}

/** The step that waits after a stage for someone's approval. */
export function gateOf(stage: string): string {
  return `${stage}${GATE}`
}

/** The stage that a step of that kind comes after, or null for any other step. */
export function stageBefore(gate: string): string | null {
  return gate.endsWith(GATE) ? gate.slice(0, -GATE.length) : null
}

const GATE = '__gate'

/** Return true if a step stands for a stage: neither an item nor a checkpoint. */
export function isStage(step: StepState): boolean {
  return !step.parent && step.kind !== 'gate'
}

/** Tiles on a node: how many lie side by side and below each other, and how many are shown. */
export interface Tiling {
  readonly columns: number
  readonly rows: number
  /** Fewer than there are when the last tile only says how many more. */
  readonly shown: number
}

const GAP = 3
const LEAST_WIDTH = 24
const LEAST_HEIGHT = 22
const BEST_RATIO = 1.3

/** The tiling of `count` items in a box that keeps tiles as near to a picture's shape as it can. */
export function tilingOf(count: number, width: number, height: number): Tiling {
  const mostColumns = Math.max(1, Math.floor((width + GAP) / (LEAST_WIDTH + GAP)))
  const mostRows = Math.max(1, Math.floor((height + GAP) / (LEAST_HEIGHT + GAP)))
  const places = mostColumns * mostRows
  if (count > places) return { columns: mostColumns, rows: mostRows, shown: places - 1 }
  let best: Tiling = { columns: mostColumns, rows: mostRows, shown: count }
  let distance = Infinity
  for (let columns = 1; columns <= Math.min(mostColumns, Math.max(count, 1)); columns += 1) {
    const rows = Math.max(1, Math.ceil(count / columns))
    if (rows > mostRows) continue
    const tile = {
      width: (width - GAP * (columns - 1)) / columns,
      height: (height - GAP * (rows - 1)) / rows,
    }
    const empty = (columns * rows - count) / (columns * rows)
    const off = Math.abs(Math.log(tile.width / tile.height / BEST_RATIO)) + empty
    if (off >= distance) continue
    distance = off
    best = { columns, rows, shown: count }
  }
  return best
}
