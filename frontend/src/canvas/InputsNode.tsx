import { LogIn } from 'lucide-react'
import { memo } from 'react'
import type { Doc, Json, ReferencedMedium } from '../api/schema'
import { isObject, own } from '../document/ops'
import { useEditor } from '../editor/store'
import { inputOf } from '../graph/documentReaders'
import { portAt } from '../graph/geometry'
import { KIND_NAMES } from '../graph/kinds'
import { stop } from './keys'
import { Port } from './Port'

/**
 * The inputs of a run as rows: the test value, the default, or that one is needed; inside a stage,
 * what that is given.
 */
export const InputsNode = memo(function InputsNode({ id }: { id: string }) {
  const node = useEditor((state) => state.wiring.nodes.get(id))
  const inputs = useEditor((state) => state.doc.inputs)
  const values = useEditor((state) => state.doc.values)
  const media = useEditor((state) => state.media)
  const sources = useEditor((state) => state.inside?.sources)
  const isSelected = useEditor((state) => state.selection.has(id))
  if (!node) return null
  return (
    <div
      className={`node inputs-node${isSelected ? ' is-selected' : ''}`}
      {...stop(id, `Inputs: ${node.outputs.map((socket) => socket.title).join(', ')}`)}
    >
      <div className="node-head inputs-head">
        <LogIn className="i" aria-hidden />
        <div>
          <b>Inputs</b>
        </div>
      </div>
      {node.outputs.map((socket) => (
        <InputRow
          key={socket.key}
          title={socket.title}
          {...valueIn(inputs, values, socket.key, media, sources)}
        />
      ))}
      {node.outputs.map((socket, at) => (
        <Port
          key={socket.key}
          node={id}
          socket={socket}
          side="out"
          at={portAt(node, 'out', at)}
          isBad={false}
        />
      ))}
    </div>
  )
})

interface Value {
  words: string
  medium: ReferencedMedium | null
  isNeeded: boolean
}

/** One input with what it is given. */
export function InputRow({ title, words, medium, isNeeded }: Value & { title: string }) {
  return (
    <div className={`input-row${medium ? ' has-thumb' : ''}`}>
      <b title={title} dir="auto">
        {title}
      </b>
      <small className={isNeeded ? 'needed' : undefined} title={words} dir="auto">
        {words}
      </small>
      {medium?.kind === 'image' && (
        <span className="input-thumb">
          <img src={medium.url} alt="" decoding="async" draggable={false} />
        </span>
      )}
    </div>
  )
}

/** sources: where inputs have values from that aren't known, in words. */
export function valueIn(
  inputs: Doc['inputs'],
  values: Doc['values'],
  key: string,
  media: Readonly<Record<string, ReferencedMedium>>,
  sources: Readonly<Record<string, string>> = {},
): Value {
  const source = own(sources, key)
  if (source !== undefined) return { words: source, medium: null, isNeeded: false }
  const record = own(inputs.rows, key)
  const testRecord = own(values.rows, key)
  const value = isObject(testRecord) ? own(testRecord, 'value') : undefined
  const current = value ?? (isObject(record) ? own(record, 'default') : undefined)
  if (current === undefined || current === null || current === '') {
    const isNeeded = inputOf({ inputs } as Doc, key).isRequired
    return { words: isNeeded ? 'required' : 'empty', medium: null, isNeeded }
  }
  const medium = typeof current === 'string' ? (own(media, current) ?? null) : null
  return { words: medium ? KIND_NAMES[medium.kind] : valueWords(current), medium, isNeeded: false }
}

function valueWords(value: Json): string {
  if (value === true) return 'Yes'
  if (value === false) return 'No'
  if (Array.isArray(value))
    return value.length === 1 ? valueWords(value[0] ?? '') : `${value.length} items`
  if (typeof value === 'string') return `“${value.slice(0, 80)}”`
  return isObject(value) ? 'Has a value' : String(value)
}
