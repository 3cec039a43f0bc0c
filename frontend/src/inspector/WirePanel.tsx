import { Scissors } from 'lucide-react'
import { select, selectWire } from '../editor/actions'
import { showInput } from '../editor/inspected'
import { editor, useEditor } from '../editor/store'
import { INPUTS } from '../graph/documentReaders'
import { nameOf } from '../graph/edit'
import { disconnect, makeReal } from '../graph/edits/wires'
import { KIND_NAMES } from '../graph/kinds'
import { AFTER, findSocket, INSIDE, titleOf, type Wire } from '../graph/wiring'
import { Shape } from '../parts/Shape'
import { PanelFrame } from './PanelFrame'
import { perform } from './perform'
import { sourceOf } from './refs'

/** One edge: what flows from where to where. */
export function WirePanel({ wire }: { wire: Wire }) {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const tools = useEditor((state) => state.tools)
  const canEdit = useEditor((state) => state.canEdit)
  const from =
    wire.source === INPUTS ? nameOf(doc, wire.sourceSocket) : titleOf(wiring, wire.source)
  const to = titleOf(wiring, wire.target)
  const node = wiring.nodes.get(wire.target)
  const socket = node ? findSocket(node, wire.targetSocket, tools, 'in') : null
  const isOrder = wire.targetSocket === AFTER
  const isInside = wire.targetSocket === INSIDE
  const which = wire.text ? sourceOf(doc, wiring, wire.text, wire.target).detail : ''
  const origin = wire.source === INPUTS ? 'Input' : ['Output', which].filter(Boolean).join(', ')
  return (
    <PanelFrame
      head={
        <>
          <div className="grow">
            <h2 className="clip">
              {from} to {to}
            </h2>
            <small>{isOrder ? 'Run order only' : KIND_NAMES[wire.kind]}</small>
          </div>
          {wire.isImplied && <span className="pill">Automatic</span>}
        </>
      }
      foot={canEdit && !isInside && <Foot wire={wire} />}
    >
      <div className="form">
        <ul className="lines">
          <li>
            <button
              type="button"
              className="line"
              onClick={() =>
                wire.source === INPUTS ? showInput(wire.sourceSocket) : select([wire.source])
              }
            >
              <Shape kind={wire.kind} />
              <b className="clip">{from}</b>
              <span className="clip">{origin}</span>
            </button>
          </li>
          <li>
            <button type="button" className="line" onClick={() => select([wire.target])}>
              <Shape kind={socket?.kind ?? wire.kind} />
              <b className="clip">{to}</b>
              <span className="clip">
                {isOrder
                  ? 'Waits for it'
                  : isInside
                    ? 'Used by a stage inside'
                    : `Used as ${socket?.title ?? wire.argument}`}
              </span>
            </button>
          </li>
        </ul>
        {wire.isImplied ? (
          <p className="help">
            Connected automatically to the newest matching result. Keep it to always use this one.
          </p>
        ) : null}
        {wire.isBackward && (
          <p className="help help-bad">
            {from} runs after {to}. Move it before {to}.
          </p>
        )}
      </div>
    </PanelFrame>
  )
}

/** Keep what is automatic, or take away what is not. */
function Foot({ wire }: { wire: Wire }) {
  return (
    <>
      <span className="grow" />
      {wire.isImplied ? (
        <button
          type="button"
          className="btn btn-s"
          onClick={() => {
            const { doc: now, wiring: wires, tools: table } = editor()
            perform(makeReal(now, wires, table, wire))
          }}
        >
          Keep connection
        </button>
      ) : (
        <button
          type="button"
          className="btn btn-s"
          onClick={() => {
            perform(disconnect(editor().doc, wire))
            selectWire(null)
          }}
        >
          <Scissors className="i i-14" aria-hidden />
          Disconnect
        </button>
      )}
    </>
  )
}
