import type { RunState } from '../../api/schema'

/** A run without its steps, which the store holds by key. order: of the stages, as planned. */
export type RunHead = Omit<RunState, 'steps'> & {
  order: readonly string[]
  /** Keys of a batch's items, in order, by the batch's key. */
  items?: Readonly<Record<string, readonly string[]>>
}
