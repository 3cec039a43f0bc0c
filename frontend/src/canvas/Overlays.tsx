import { Cursors } from './Cursors'
import { FlowAnimation } from './FlowAnimation'
import { FrontWire } from './FrontWire'
import { WireTools } from './WireTools'

/** What lies over the graph and moves with it. */
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
