import { Combine, Plus, SquareSplitHorizontal, Trash2, TriangleAlert } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { endGesture } from '../../../editor/actions'
import { pressedKey } from '../../../frame/press'
import { TimeField } from '../film/TimeField'
import { toPlayhead } from '../film/Track'
import { seconds } from '../film/time'
import type { Film } from '../film/useFilm'
import { type Cue, type Doubt, doubtWords, speedOf } from './cues'
import type { CueActions, Cues } from './useCues'

interface Props {
  cues: Cues
  actions: CueActions
  film: Film
}

/** The lines one below the other; the chosen one with what can be done with it. */
export function CueList({ cues: { cues, lines, at: chosen, doubts, setChosen }, ...props }: Props) {
  const { actions, film } = props
  if (cues.length === 0)
    return (
      <div className="tool-none">
        <p>
          {lines.from === 'bound'
            ? 'Subtitles are connected from another stage. Add lines here to replace them.'
            : 'No subtitles yet. Play the video and press Enter when someone speaks, or import SRT or VTT.'}
        </p>
        <button type="button" className="btn" onClick={() => actions.add()}>
          <Plus className="i" aria-hidden />
          Add first line
        </button>
      </div>
    )
  const choose = (at: number, { start, end }: Cue) => {
    if (at === chosen) return
    setChosen(at)
    if (film.clip.time < start || film.clip.time >= end) film.clip.seek(start)
  }
  return (
    <ol className="cues" aria-label="Lines">
      {cues.map((cue, at) => {
        const row = { cue, at, actions }
        const ownDoubts = doubts[at] ?? []
        const isChosen = at === chosen
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have only their place
          <li key={at} className={isChosen ? 'is-chosen' : undefined}>
            {/* biome-ignore lint/a11y/useSemanticElements: one line and its fields */}
            <div role="group" aria-label={`Line ${at + 1}`} onFocus={() => choose(at, cue)}>
              <Times {...row} rate={film.clip.rate} />
              <TextForm {...row} isDoubtful={ownDoubts.length > 0} />
              <Doubts cue={cue} at={at} doubts={ownDoubts} />
              {isChosen && <Acts {...row} isLast={at === cues.length - 1} />}
            </div>
          </li>
        )
      })}
    </ol>
  )
}

interface RowProps {
  cue: Cue
  at: number
  actions: CueActions
}

function Times({ cue, at, actions, rate }: RowProps & { rate: number }) {
  return (
    <div className="cue-times">
      <b className="num" aria-hidden="true">
        {at + 1}
      </b>
      <TimeField
        label="Start"
        value={cue.start}
        rate={rate}
        onChange={(start) => actions.time(at, { start })}
        onEnd={endGesture}
      />
      <TimeField
        label="End"
        value={cue.end}
        rate={rate}
        onChange={(end) => actions.time(at, { end })}
        onEnd={endGesture}
      />
      <span className="faint num" title="Duration and reading speed (characters per second)">
        {seconds(Math.max(0, cue.end - cue.start))}
        {Number.isFinite(speedOf(cue)) && `, ${Math.round(speedOf(cue))}/s`}
      </span>
    </div>
  )
}

function TextForm({ cue, at, actions, isDoubtful }: RowProps & { isDoubtful: boolean }) {
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const key = pressedKey(event)
    if (key === 'Escape') {
      // Out of the line; the next one leaves the tool.
      event.preventDefault()
      event.stopPropagation()
      toPlayhead(event.currentTarget)
    } else if (key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      actions.nextLine(at)
    }
  }
  return (
    <textarea
      className="input"
      aria-label={`Text of line ${at + 1}`}
      rows={Math.max(1, cue.text.split('\n').length)}
      maxLength={2000}
      value={cue.text}
      dir="auto"
      placeholder="Subtitle text"
      title="Enter: next line · Shift Enter: line break · Esc: back to the player"
      aria-describedby={isDoubtful ? `cue-doubts-${at}` : undefined}
      onChange={(event) => actions.rewrite(at, event.target.value)}
      onBlur={endGesture}
      onKeyDown={onKeyDown}
    />
  )
}

function Doubts({ cue, at, doubts }: { cue: Cue; at: number; doubts: readonly Doubt[] }) {
  if (doubts.length === 0) return null
  return (
    <div id={`cue-doubts-${at}`}>
      {doubts.map((doubt) => (
        <p key={doubt} className="help help-bad is-warning">
          <TriangleAlert className="i i-12" aria-hidden />
          <span>{doubtWords(doubt, cue)}</span>
        </p>
      ))}
    </div>
  )
}

/** The buttons of a line. */
function Acts({ at, actions, isLast }: Omit<RowProps, 'cue'> & { isLast: boolean }) {
  return (
    <div className="cue-actions">
      <button
        type="button"
        className="btn btn-s"
        title="Split at playhead (S)"
        onClick={() => actions.split(at)}
      >
        <SquareSplitHorizontal className="i i-14" aria-hidden />
        Split
      </button>
      <button
        type="button"
        className="btn btn-s"
        title="Merge with next line (M)"
        aria-disabled={isLast || undefined}
        onClick={() => actions.merge(at)}
      >
        <Combine className="i i-14" aria-hidden />
        Merge with next
      </button>
      <button
        type="button"
        className="btn btn-s btn-bare"
        title="Remove line (Delete)"
        onClick={() => actions.remove(at)}
      >
        <Trash2 className="i i-14" aria-hidden />
        Remove
      </button>
    </div>
  )
}
