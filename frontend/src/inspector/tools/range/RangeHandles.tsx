import { lengthOf } from '../film/ranges'
import { type Spanning, spanPart } from '../film/spanning'

/** A range over the pictures of a video: its ends, and its middle to move both. */
export function RangeHandles(spanning: Spanning) {
  const { range, bounds, isUnset } = spanning
  const share = (time: number) => `${(time / bounds.duration) * 100}%`
  const middle = { left: share(range.start), width: share(lengthOf(range)) }
  return (
    <div className={`span${isUnset ? ' is-unset' : ''}`}>
      <i className="span-out" style={{ left: 0, width: share(range.start) }} />
      <i className="span-out" style={{ left: share(range.end), right: 0 }} />
      <div className="span-in" style={middle} {...spanPart(spanning, 'both')} />
      <div
        className="span-end span-start"
        style={{ left: share(range.start) }}
        {...spanPart(spanning, 'start')}
      />
      <div
        className="span-end span-stop"
        style={{ left: share(range.end) }}
        {...spanPart(spanning, 'end')}
      />
    </div>
  )
}
