import { later } from '../parts/later'
import { Cursors } from './Cursors'
import { FlowAnimation } from './FlowAnimation'
import { FrontWire } from './FrontWire'

const WireTools = later(
  () => import('./WireTools'),
  (found) => found.WireTools,
  { frame: () => null },
)

/** Everything that lies over the graph and moves with it. */
export function Overlays() {
  return (
    <>
      <FlowAnimation />
      <FrontWire />
      <WireTools />
      <Cursors />
    </>
  )
}
