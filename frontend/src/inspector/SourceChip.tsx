import { LocateFixed, TriangleAlert, Unlink } from 'lucide-react'
import { select } from '../editor/actions'
import { showInput } from '../editor/inspected'
import { useEditor } from '../editor/store'
import { Shape } from '../parts/Shape'
import { sourceOf } from './refs'

interface Props {
  text: string
  stage: string | null
  /** The name of the field that the chip fills, for the names of its buttons. */
  label: string
  onUnlink: (() => void) | null
  /** True if an issue beside it already says its problem. */
  isSaid?: boolean
}

/** A binding: shape, source, a jump to it, and a way to take it away. */
export function SourceChip({ text, stage, label, onUnlink, isSaid = false }: Props) {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const source = sourceOf(doc, wiring, text, stage)
  const isBad = source.problem !== ''
  const { node } = source
  return (
    <div className="chip-box">
      <div className={`input bound${isBad ? ' is-bad' : ''}`} title={text}>
        {isBad ? <TriangleAlert className="i i-14" aria-hidden /> : <Shape kind={source.kind} />}
        <b className="clip" dir="auto">
          {source.title}
        </b>
        <span className="clip" dir="auto">
          {source.detail}
        </span>
        {node !== null && (
          <button
            type="button"
            className="mini-btn"
            aria-label={`Go to ${source.title}`}
            title={`Go to ${source.title}`}
            onClick={() => (source.input === null ? select([node]) : showInput(source.input))}
          >
            <LocateFixed className="i i-14" aria-hidden />
          </button>
        )}
        {onUnlink && (
          <button
            type="button"
            className="mini-btn"
            aria-label={`Disconnect ${source.title} from ${label}`}
            title="Disconnect"
            onClick={onUnlink}
          >
            <Unlink className="i i-14" aria-hidden />
          </button>
        )}
      </div>
      {isBad && !isSaid && <p className="help help-bad">{source.problem}</p>}
    </div>
  )
}
