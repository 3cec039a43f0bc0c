/** The steps of a mask, to undo and redo them. Pure. */

import { copyOf, joinParts, type Part, type Plane, putBack, wholeOf } from './plane'

interface Step {
  readonly part: Part
  readonly before: Uint8Array
  readonly after: Uint8Array
}

/** Bytes that may be kept to take things back; the oldest steps go first. */
const MOST_BYTES = 96_000_000

/** A mask with its steps. Everything says which part changed. */
export class Strokes {
  private done: Step[] = []
  private undone: Step[] = []
  private before: Uint8Array | null = null
  private touched: Part | null = null

  constructor(readonly plane: Plane) {}

  get canUndo(): boolean {
    return this.done.length > 0
  }

  get canRedo(): boolean {
    return this.undone.length > 0
  }

  /** A stroke begins: everything up to `end` is one step. */
  begin(): void {
    this.before = this.plane.data.slice()
    this.touched = null
  }

  touch(part: Part | null): Part | null {
    this.touched = joinParts(this.touched, part)
    return part
  }

  end(): void {
    const { before, touched, plane } = this
    this.before = null
    if (!before || !touched) return
    const old = copyOf({ ...plane, data: before }, touched)
    const after = copyOf(plane, touched)
    if (old.every((value, at) => value === after[at])) return
    this.undone = []
    this.done.push({ part: touched, before: old, after })
    let bytes = 0
    for (let at = this.done.length - 1; at >= 0; at -= 1) {
      bytes += 2 * (this.done[at] as Step).before.length
      if (bytes > MOST_BYTES && at < this.done.length - 1) {
        this.done.splice(0, at + 1)
        break
      }
    }
  }

  /** Give the stroke up that has started. */
  cancel(): Part | null {
    const { before, touched } = this
    this.before = null
    if (before) this.plane.data.set(before)
    return touched
  }

  /** One step of something that changes all of it. */
  all(change: (plane: Plane) => void): Part {
    this.begin()
    change(this.plane)
    const part = this.touch(wholeOf(this.plane)) as Part
    this.end()
    return part
  }

  undo(): Part | null {
    const step = this.done.pop()
    if (!step) return null
    putBack(this.plane, step.part, step.before)
    this.undone.push(step)
    return step.part
  }

  redo(): Part | null {
    const step = this.undone.pop()
    if (!step) return null
    putBack(this.plane, step.part, step.after)
    this.done.push(step)
    return step.part
  }
}
