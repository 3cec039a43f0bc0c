import type { Doc, Json } from '../api/schema'
import { isObject } from '../document/ops'
import { useEditor } from '../editor/store'
import { wordsOf } from '../graph/words'
import { ValueThumb } from '../inspector/media/Thumb'
import { sourceOf } from '../inspector/refs'

interface Props {
  value: Json | undefined
  /** The document that it is in. */
  doc: Doc
  /** The stage that it is a field of, or null. */
  stage: string | null
  /** The unit of a number, such as "s". */
  measure?: string
}

const LONGEST = 400

/** A value as people say it: what it comes from, a look at a file, a list as one. */
export function Value({ value, doc, stage, measure = '' }: Props) {
  const wiring = useEditor((state) => state.wiring)
  if (value === undefined || value === null || value === '')
    return <span className="muted">none</span>
  if (value === true) return 'On'
  if (value === false) return 'Off'
  if (typeof value === 'number') return measure ? `${value} ${measure}` : String(value)
  if (Array.isArray(value)) {
    if (value.length === 0) return <span className="muted">none</span>
    return (
      <span className="compare-values">
        {value.slice(0, 8).map((item, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: items have nothing but their place.
          <span key={at}>
            <Value value={item} doc={doc} stage={stage} />
          </span>
        ))}
        {value.length > 8 && <span className="muted">and {value.length - 8} more</span>}
      </span>
    )
  }
  if (isObject(value))
    return (
      <span className="compare-values">
        {Object.entries(value)
          .slice(0, 8)
          .map(([name, part]) => (
            <span key={name}>
              <span className="muted">{wordsOf(name)}</span>{' '}
              <Value value={part} doc={doc} stage={stage} />
            </span>
          ))}
      </span>
    )
  if (value.startsWith('reelgraph:'))
    return (
      <span className="compare-medium">
        <ValueThumb value={value} />
        {value.slice(value.lastIndexOf('/') + 1)}
      </span>
    )
  const { title, detail, node, problem } = sourceOf(doc, wiring, value, stage)
  if (node === null) return problem ? value.slice(0, LONGEST) : title.slice(0, LONGEST)
  return (
    <>
      {title}
      {detail && <span className="muted"> {detail}</span>}
    </>
  )
}
