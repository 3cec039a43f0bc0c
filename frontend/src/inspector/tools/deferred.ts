import { later } from '../../parts/later'

/** The button beside a plain field that opens a control for it by hand. */
export const ByHand = later(
  () => import('./index'),
  (found) => found.ByHand,
  // The plain field does without it.
  { frame: () => null },
)
