import { ImagePlus, Link2 } from 'lucide-react'
import { useState } from 'react'
import type { Issue, Json, ToolPort } from '../../api/schema'
import { Combobox } from '../../chooser/Combobox'
import { portNote } from '../../chooser/facts'
import { isObject } from '../../document/ops'
import { editor, useEditor } from '../../editor/store'
import { readText } from '../../graph/bindings'
import { INPUTS, stageOf } from '../../graph/documentReaders'
import { items, slotOf } from '../../graph/edges'
import { nameOf } from '../../graph/edit'
import { makeReal } from '../../graph/edits/wires'
import { applies } from '../../graph/sockets'
import { titleOf, type Wire } from '../../graph/wiring'
import { Shape } from '../../parts/Shape'
import { Field } from '../form/Field'
import { MediaPicker } from '../media/LatePicker'
import { titleOfMedium } from '../media/picked'
import { doerOfStage } from '../models/providers'
import { perform } from '../perform'
import { move, Sortable } from '../Sortable'
import { SourceChip } from '../SourceChip'
import { fittingSources } from '../sources'
import { ByHand } from '../tools/deferred'
import { bringMedium } from '../upload'
import { recordSlot } from './argument'

interface Props {
  node: string
  port: ToolPort
  issues: readonly Issue[]
}

/** The sources of one port of a stage, in order where there may be several. */
export function PortField({ node, port, issues }: Props) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const wiring = useEditor((state) => state.wiring)
  const socket = `port:${port.name}`
  const portSlot = slotOf(doc, tools, { node, socket })
  if (!portSlot) return null
  const slot = recordSlot(doc, 'stages', node, portSlot.field, port.title)
  const values = items(portSlot.value)
  const impliedWires = (wiring.into.get(node) ?? []).filter(
    (wire) => wire.isImplied && wire.targetSocket === socket,
  )
  const stage = stageOf(doc, node)
  const tool = tools.get(stage.tool)
  const isNeeded = port.isRequired && tool !== null && applies(port, tool, stage, tools)
  const isFull = portSlot.isList
    ? portSlot.maxItems > 0 && values.length >= portSlot.maxItems
    : values.length > 0
  const write = (next: Json[]) => {
    if (next.length === 0) slot.write(undefined)
    else slot.write(portSlot.isList ? next : (next[0] ?? undefined))
  }
  const remove = (at: number) => write(values.filter((_, place) => place !== at))
  return (
    <Field
      label={port.title}
      help={port.help}
      name={port.argument}
      isRequired={isNeeded && values.length === 0 && impliedWires.length === 0}
      note={portNote(doerOfStage(doc, tools, node), port)}
      issues={issues}
      isGroup
    >
      {(ids) => (
        // biome-ignore lint/a11y/useSemanticElements: the label is outside, as with every field
        <div
          className="rows"
          role="group"
          id={ids.id}
          aria-labelledby={ids.labelId}
          aria-describedby={ids.describedBy}
        >
          <Sortable
            keys={values.map((value, at) => `${at} ${String(value)}`)}
            nameOf={(at) => `${port.title} ${at + 1}`}
            onMove={(from, to) => write(move(values, from, to))}
          >
            {(at) => (
              <Held
                value={values[at] ?? null}
                node={node}
                label={port.title}
                isSaid={ids.isSaid}
                onRemove={() => remove(at)}
              />
            )}
          </Sortable>
          {values.length === 0 && impliedWires.length > 0 && <Implied wires={impliedWires} />}
          {!isFull && (
            <Connect node={node} port={port} isFirst={values.length + impliedWires.length === 0} />
          )}
          {tool && <ByHand node={node} tool={tool} argument={port.name} />}
        </div>
      )}
    </Field>
  )
}

interface ConnectProps {
  node: string
  port: ToolPort
  isFirst: boolean
}

/** Another source: something that fits, or a file. */
function Connect({ node, port, isFirst }: ConnectProps) {
  const [isPicking, setPicking] = useState(false)
  const socket = `port:${port.name}`
  return (
    <>
      <span className="connect">
        <Combobox
          label={`Connect ${port.title}`}
          placeholder={isFirst ? 'Connect…' : 'Connect another'}
          choices={() => fittingSources(node, socket).map(({ choice }) => choice)}
          onChoose={(id) => {
            const chosen = fittingSources(node, socket).find((one) => one.choice.id === id)
            if (chosen) perform(chosen.option.edit())
          }}
          empty="Nothing makes this yet. Upload a file or add a stage."
        />
        {port.kind !== 'model' && (
          <button
            type="button"
            className="btn btn-icon"
            aria-label={`Upload for ${port.title}`}
            title="Upload"
            onClick={() => setPicking(true)}
          >
            <ImagePlus className="i" aria-hidden />
          </button>
        )}
      </span>
      {isPicking && port.kind !== 'model' && (
        <MediaPicker
          kind={port.kind}
          onClose={() => setPicking(false)}
          onPick={(picked) =>
            perform(bringMedium(editor().doc, editor().tools, node, port, picked))
          }
        />
      )}
    </>
  )
}

interface HeldProps {
  value: Json
  node: string
  label: string
  isSaid: boolean | undefined
  onRemove: () => void
}

/** One entry of a port's argument. */
function Held({ value, node, label, isSaid = false, onRemove }: HeldProps) {
  if (typeof value === 'string' && readText(value).type !== 'literal')
    return (
      <SourceChip text={value} stage={node} label={label} isSaid={isSaid} onUnlink={onRemove} />
    )
  const address = isObject(value) && typeof value.url === 'string' ? value.url : value
  const title = typeof address === 'string' ? titleOfMedium(address) : `File ${String(address)}`
  return (
    <div className="chip-box">
      <div className="input bound" title={String(address)}>
        <Link2 className="i i-14" aria-hidden />
        <b className="clip" dir="auto">
          {title}
        </b>
        <button type="button" className="btn btn-s btn-bare" onClick={onRemove}>
          Remove<span className="visually-hidden"> {title}</span>
        </button>
      </div>
    </div>
  )
}

/** The sources of the automatic connections, which hold until one is named. */
function Implied({ wires }: { wires: readonly Wire[] }) {
  const wiring = useEditor((state) => state.wiring)
  const doc = useEditor((state) => state.doc)
  const first = wires[0]
  if (!first) return null
  const names = wires.map((wire) =>
    wire.source === INPUTS ? nameOf(doc, wire.sourceSocket) : titleOf(wiring, wire.source),
  )
  const words =
    names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '')
  return (
    <div className="input bound is-implied">
      <Shape kind={first.kind} />
      <b className="clip" dir="auto">
        {words}
      </b>
      <span className="clip">automatic</span>
      <button
        type="button"
        className="btn btn-s btn-bare"
        title="Keeps this connection even if stages are reordered"
        onClick={() => perform(makeReal(editor().doc, editor().wiring, editor().tools, first))}
      >
        Keep connection
      </button>
    </div>
  )
}
