import { open } from '../../editor/actions'
import { editor } from '../../editor/store'
import { INSIDE } from '../../graph/wiring'
import { connecting, letGo } from '../connect/state'
import { openMenuAt } from '../menu'
import { enter } from '../nodeActions'
import { canvas, setCanvas } from '../state'
import { wireUnder } from '../wires'
import { hover, keepHover } from './hovering'
import { Panning } from './panning'
import { PointingGround } from './pointingGround'
import { PointingNode } from './pointingNode'
import { PointingPort } from './pointingPort'
import {
  type MoveInput,
  type Next,
  type PointerInput,
  type PressInput,
  ToolState,
} from './toolState'

const MIDDLE_BUTTON = 1

/** Nothing is pressed. */
export class Idle extends ToolState {
  readonly name = 'idle'
  override readonly isClaimed = false

  override pointerDown(input: PressInput): Next {
    const { hit, button } = input
    const { refusal, which } = connecting()
    // What was asked about an edge is answered by doing something else.
    if ((refusal || which) && !(hit.type === 'control' && hit.isAnswer)) letGo()
    if (canvas().isPanning || button === MIDDLE_BUTTON) return new Panning()
    if (button !== 0) return undefined
    setCanvas({ implied: null, isKeyed: false })
    switch (hit.type) {
      case 'control':
        return undefined
      case 'port':
        // No connection begins or ends at what stages inside take.
        if (hit.end.socket === INSIDE) return new PointingNode(input, hit.end.node)
        return new PointingPort(input, hit.end)
      case 'node':
        return new PointingNode(input, hit.id)
      default:
        return new PointingGround(input)
    }
  }

  override pointerMove({ hit, isPressed, isKeeping, kind }: MoveInput): Next {
    if (isPressed || kind === 'touch') return undefined
    if (isKeeping) keepHover()
    else
      hover(
        hit.type === 'node' ? hit.id : hit.type === 'port' ? hit.end.node : null,
        hit.type === 'wire' ? hit.wire.id : null,
      )
    return undefined
  }

  override pointerUp(): Next {
    return undefined
  }

  override doubleClick({ hit, at, screen }: PointerInput): Next {
    if (hit.type === 'node') enter(hit.id)
    // Painted from far, edges take no click, but nothing is added on them either.
    else if (hit.type === 'ground' && hit.isBare && editor().canEdit && !wireUnder(at))
      open({ name: 'add', at, screen })
    return undefined
  }

  override longPress({ screen }: PointerInput, target: Element): Next {
    openMenuAt(target, screen)
    return undefined
  }

  override escape(): Next {
    return undefined
  }

  override cancel(): Next {
    return undefined
  }
}
