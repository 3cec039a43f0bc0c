import { Combine, Plus, SquareSplitHorizontal, Trash2, TriangleAlert } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { TimeField } from '../film/TimeField'
import { toPlayhead } from '../film/Track'
import { seconds } from '../film/time'
import { type Cue, type Doubt, doubtWords, speedOf } from './cues'

interface Props {
  cues: readonly Cue[]
  doubts: readonly (readonly Doubt[])[]
  chosen: number
  rate: number
  isBound: boolean
  onAdd: () => void
  onChoose: (at: number) => void
  onWords: (at: number, text: string) => void
  onTime: (at: number, times: { start?: number; end?: number }) => void
  /** A field was left: what follows is another step. */
  onLeave: () => void
  /** Enter in a line. */
  onDone: (at: number) => void
  onSplit: (at: number) => void
  onMerge: (at: number) => void
  onRemove: (at: number) => void
}

/** The lines one below the other; the chosen one with what can be done with it. */
export function CueList(props: Props) {
  const { cues, chosen } = props
  if (cues.length === 0)
    return (
      <div className="tool-none">
        <p>
          {props.isBound
            ? 'Subtitles are connected from another stage. Add lines here to replace them.'
            : 'No subtitles yet. Play the video and press Enter when someone speaks, or import SRT or VTT.'}
        </p>
        <button type="button" className="btn" onClick={props.onAdd}>
          <Plus className="i" aria-hidden />
          Add first line
        </button>
      </div>
    )
  return (
    <ol className="cues" aria-label="Lines">
      {cues.map((cue, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have only their place
        <li key={at} className={at === chosen ? 'is-chosen' : undefined}>
          <Row {...props} cue={cue} at={at} isChosen={at === chosen} />
        </li>
      ))}
    </ol>
  )
}

function Row(props: Props & { cue: Cue; at: number; isChosen: boolean }) {
  const { cue, at, isChosen, rate, onTime, onLeave } = props
  const doubts = props.doubts[at] ?? []
  const name = `Line ${at + 1}`
  const choose = () => {
    if (!isChosen) props.onChoose(at)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') {
      // Out of the line; the next one leaves the tool.
      event.preventDefault()
      event.stopPropagation()
      toPlayhead(event.currentTarget)
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      props.onDone(at)
    }
  }
  const size = Math.max(1, cue.text.split('\n').length)
  return (
    // biome-ignore lint/a11y/useSemanticElements: one line and its fields
    <div role="group" aria-label={name} onFocus={choose}>
      <div className="cue-times">
        <b className="num" aria-hidden="true">
          {at + 1}
        </b>
        <TimeField
          label="Start"
          value={cue.start}
          rate={rate}
          onChange={(start) => onTime(at, { start })}
          onEnd={onLeave}
        />
        <TimeField
          label="End"
          value={cue.end}
          rate={rate}
          onChange={(end) => onTime(at, { end })}
          onEnd={onLeave}
        />
        <span className="faint num" title="Duration and reading speed (characters per second)">
          {seconds(Math.max(0, cue.end - cue.start))}
          {Number.isFinite(speedOf(cue)) && `, ${Math.round(speedOf(cue))}/s`}
        </span>
      </div>
      <textarea
        className="input"
        aria-label={`Text of line ${at + 1}`}
        rows={size}
        maxLength={2000}
        value={cue.text}
        placeholder="Subtitle text"
        title="Enter: next line · Shift Enter: line break · Esc: back to the player"
        aria-describedby={doubts.length > 0 ? `cue-doubts-${at}` : undefined}
        onChange={(event) => props.onWords(at, event.target.value)}
        onBlur={onLeave}
        onKeyDown={onKeyDown}
      />
      {doubts.length > 0 && (
        <div id={`cue-doubts-${at}`}>
          {doubts.map((doubt) => (
            <p key={doubt} className="help help-bad is-warning">
              <TriangleAlert className="i i-12" aria-hidden />
              <span>{doubtWords(doubt, cue)}</span>
            </p>
          ))}
        </div>
      )}
      {isChosen && (
        <div className="cue-acts">
          <button
            type="button"
            className="btn btn-s"
            title="Split at playhead (S)"
            onClick={() => props.onSplit(at)}
          >
            <SquareSplitHorizontal className="i i-14" aria-hidden />
            Split
          </button>
          <button
            type="button"
            className="btn btn-s"
            title="Merge with next line (M)"
            aria-disabled={at === props.cues.length - 1 || undefined}
            onClick={() => props.onMerge(at)}
          >
            <Combine className="i i-14" aria-hidden />
            Merge with next
          </button>
          <button
            type="button"
            className="btn btn-s btn-bare"
            title="Remove line (Delete)"
            onClick={() => props.onRemove(at)}
          >
            <Trash2 className="i i-14" aria-hidden />
            Remove
          </button>
        </div>
      )}
    </div>
  )
}
