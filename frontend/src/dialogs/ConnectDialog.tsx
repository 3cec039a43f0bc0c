import { useMemo, useState } from 'react'
import { asked } from '../canvas/connect/asked'
import { connect } from '../canvas/connect/connectActions'
import { illegalTargets, legalTargets, type Target } from '../canvas/connect/targets'
import { closeDialog } from '../editor/actions'
import { type End, type Point, useEditor } from '../editor/store'
import { Dialog } from '../parts/Dialog'
import { best } from '../parts/matching'
import { Shape } from '../parts/Shape'
import { Listbox, type Option } from './Listbox'

const MOST_REFUSED = 40

/** Connect by keys: every place an edge may go, and below them those it may not, with the reason. */
export function ConnectDialog() {
  const dialog = useEditor((state) => state.dialog)
  if (dialog?.name !== 'connect') return null
  const { from, screen } = dialog
  return <Chooser key={`${from.node} ${from.socket}`} first={from} at={screen} />
}

function Chooser({ first, at }: { first: End; at: Point | undefined }) {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const [from, setFrom] = useState(first)
  const [words, setWords] = useState('')
  const node = wiring.nodes.get(from.node)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it depends on the document that was read.
  const legal = useMemo(() => legalTargets(asked(), from), [from, doc])
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above.
  const refusals = useMemo(
    () => illegalTargets(asked(), from, words, MOST_REFUSED),
    [from, words, doc],
  )
  if (!node) return null
  const fits = best(legal, words, (target) => [`${target.group} ${target.title}`])
  const targets = [...groupTargets(fits), ...refusals]
  const sockets = from.side === 'out' ? node.outputs : node.inputs
  const name = sockets.find((socket) => socket.key === from.socket)?.title ?? node.title
  const whole = node.id === '$inputs' ? name : node.title
  const title = from.side === 'out' ? `Connect ${whole} to` : `Connect to ${name} of ${node.title}`
  return (
    <Dialog title={title} isBare className="listbox-dialog connect-dialog" at={at}>
      {sockets.length > 1 && from.side === 'out' && (
        <label className="connect-from">
          <span>From</span>
          <select
            className="input"
            value={from.socket}
            onChange={(event) => {
              const socket = sockets.find((known) => known.key === event.target.value)
              if (socket) setFrom({ ...from, socket: socket.key, kind: socket.kind })
            }}
          >
            {sockets.map((socket) => (
              <option key={socket.key} value={socket.key}>
                {socket.title}
              </option>
            ))}
          </select>
        </label>
      )}
      <Listbox
        label={title}
        placeholder={title}
        options={targets.map(optionOf)}
        words={words}
        onWords={setWords}
        onChoose={(id) => {
          const target = targets.find((known) => known.id === id)
          const edit = target?.edit()
          closeDialog()
          if (edit) connect(edit, from.side === 'out' ? target?.title : name)
        }}
        none={words ? <>No results for “{words}”</> : <>Nothing to connect to yet.</>}
      />
    </Dialog>
  )
}

function optionOf(target: Target): Option {
  return {
    id: target.id,
    group: target.reason === null ? target.group : "Doesn't fit",
    label: target.reason === null ? target.title : `${target.group}: ${target.title}`,
    icon: <Shape kind={target.kind} size={14} />,
    hint: target.detail ? <span className="faint">{target.detail}</span> : null,
    not: target.reason,
  }
}

/** Stage by stage, each where its best field is. */
function groupTargets(targets: readonly Target[]): Target[] {
  const keyOf = (target: Target) => `${target.group}\n${target.node}`
  const order = [...new Set(targets.map(keyOf))]
  return order.flatMap((key) => targets.filter((target) => keyOf(target) === key))
}
