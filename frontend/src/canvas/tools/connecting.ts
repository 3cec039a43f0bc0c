import { open, say } from '../../editor/actions'
import type { End } from '../../editor/store'
import type { Point } from '../../graph/geometry'
import { asked } from '../connect/asked'
import { connect, refuse } from '../connect/connectActions'
import {
  type Aim,
  aimAt,
  begin,
  bestOf,
  type Drag,
  drop,
  onSocket,
  SNAP,
  SNAP_TOUCH,
  sourceOf,
  whyNot,
  wireToPick,
} from '../connect/drag'
import { connecting, letGo, type Refusal, setConnect } from '../connect/state'
import { nodesAround, portPoint } from '../scene'
import { camera } from '../view'
import { type MoveInput, type Next, ToolState } from './toolState'

/** An edge is drawn: its loose end follows the pointer. */
export class Connecting extends ToolState {
  readonly name = 'connecting'
  override readonly pansAtEdge = true

  /** isNew: an edge that ends at the port stays where it is. */
  constructor(
    private readonly end: End,
    private readonly isNew: boolean,
  ) {
    super()
  }

  override enter(): void {
    const ask = asked()
    const wire = this.isNew ? null : wireToPick(ask, this.end)
    const drag = wire ? begin(ask, sourceOf(wire), wire) : begin(ask, this.end)
    setConnect({ drag, aim: null, refusal: null, which: null })
    const count = drag.options.size
    say(count === 1 ? '1 match.' : `${count} matches.`)
  }

  override leave(): void {
    // A refusal and a question stay open; they have let go of the drag already.
    if (connecting().drag) letGo()
  }

  override pointerMove(input: MoveInput): Next {
    const { drag, aim: before } = connecting()
    if (!drag) return 'idle'
    const nextAim = aimOf(drag, input)
    const aim = isSame(nextAim, before) ? before : nextAim
    setConnect({ loose: looseEnd(drag, aim, input.at), aim })
    if (aim !== before) setConnect({ refusal: warning(drag, aim) })
    return undefined
  }

  override pointerUp({ screen, at, isOutside }: MoveInput): Next {
    const { drag, aim } = connecting()
    const current = drag && upToDate(drag)
    letGo()
    if (current && !isOutside) settle(current, aim, screen, at)
    return 'idle'
  }

  override escape(): Next {
    say('Not connected.')
    return 'idle'
  }
}

function aimOf(drag: Drag, { at, kind, isOutside }: MoveInput): Aim {
  if (isOutside) return null
  const { zoom } = camera.view
  const snap = kind === 'touch' ? SNAP_TOUCH : SNAP
  return aimAt(drag, nodesAround(at, snap / zoom), at, zoom, snap)
}

function looseEnd(drag: Drag, aim: Aim, point: Point): Point {
  if (!aim) return point
  const side = drag.from.side === 'out' ? 'in' : 'out'
  if (aim.type === 'port') return (aim.fits && portPoint(aim.node, side, aim.socket)) || point
  const best = bestOf(drag, aim.node)
  return (best && portPoint(aim.node, side, best.socket)) ?? point
}

/** Return the refusal of the port under the pointer: it is shown before the edge is let go. */
function warning(drag: Drag, aim: Aim): Refusal | null {
  if (aim?.type !== 'port' || aim.fits) return null
  const { node, socket } = aim
  const reason = whyNot(drag, node, socket)
  return reason === null ? null : { drag, node, socket, reason, fits: null }
}

function isSame(one: Aim, other: Aim): boolean {
  if (!one || !other) return one === other
  if (one.type === 'body' || other.type === 'body')
    return one.type === other.type && one.node === other.node
  return one.node === other.node && one.socket === other.socket && one.fits === other.fits
}

/** The drag in the graph there is now; null when its edge or its node is gone. */
function upToDate(drag: Drag): Drag | null {
  const ask = asked()
  if (drag.whole.doc === ask.doc) return drag
  const pickedWire = drag.picked && ask.wiring.edges.find((wire) => wire.id === drag.picked?.id)
  if (!ask.wiring.nodes.has(drag.from.node) || (drag.picked && !pickedWire)) return null
  return begin(ask, drag.from, pickedWire ?? null)
}

function settle(drag: Drag, aim: Aim, screen: Point, at: Point): void {
  const outcome = drop(drag, aim)
  switch (outcome.type) {
    case 'edit':
      connect(outcome.edit)
      return
    case 'refuse':
      refuse({ drag, ...outcome })
      return
    case 'choose': {
      const { node, options } = outcome
      const onChoose = (socket: string) => {
        const chosen = onSocket(drag, node, socket)
        if (chosen.type === 'edit') connect(chosen.edit)
      }
      setConnect({
        which: { drag, node, at, options, onChoose: ({ socket }) => onChoose(socket) },
      })
      say('Connect to which field?')
      return
    }
    case 'add':
      open({ name: 'add', at, screen, from: drag.from })
  }
}
