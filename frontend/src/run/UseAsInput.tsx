import type { Medium } from '../api/schema'
import { act, toast } from '../editor/actions'
import { useEditor } from '../editor/store'
import { inputOf } from '../graph/documentReaders'
import { setValue } from '../graph/edits/fields'

/** Try one of the template's inputs with what was made: a list of those that take it. */
export function UseAsInput({ medium }: { medium: Medium }) {
  const doc = useEditor((state) => state.doc)
  const canEdit = useEditor((state) => state.canEdit)
  const fitting = doc.inputs.order.filter((key) => {
    const input = inputOf(doc, key)
    return input.type === medium.kind
  })
  if (!canEdit || fitting.length === 0) return null
  return (
    <select
      className="input btn-s"
      aria-label="Use as input"
      value=""
      onChange={(event) => {
        const key = event.target.value
        const reference = `reelgraph:object/${medium.id}/${medium.filename}`
        const { width, height, duration, kind, url } = medium
        useEditor.setState((state) => ({
          media: { ...state.media, [reference]: { url, kind, width, height, duration } },
        }))
        const value = inputOf(doc, key).isMultiple ? [reference] : reference
        if (act(setValue(doc, key, value)))
          toast(`Set as test value of ${inputOf(doc, key).title}.`)
      }}
    >
      <option value="" disabled>
        Use as input…
      </option>
      {fitting.map((key) => (
        <option key={key} value={key}>
          {inputOf(doc, key).title}
        </option>
      ))}
    </select>
  )
}
