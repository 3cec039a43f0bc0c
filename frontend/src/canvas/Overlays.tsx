import { Beads } from './Beads'
import { Cursors } from './Cursors'
import { WireTools } from './WireTools'

/** What lies over the graph and moves with it. */
export function Overlays() {
  return (
    <>
      <Beads />
      <WireTools />
      <Cursors />
    </>
  )
}
