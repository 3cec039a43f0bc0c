import { useEffect, useState } from 'react'
import { act, endGesture } from '../../../editor/actions'
import { useEditor } from '../../../editor/store'
import type { Source } from '../../../run/source'
import type { ByHandProps } from '../control'
import { FilmTool } from '../film/FilmTool'
import { lengthOf, type Range, setIn, setLength, setOut } from '../film/ranges'
import type { Spanning } from '../film/spanning'
import { TimeField } from '../film/TimeField'
import { seconds, timecode } from '../film/time'
import { useFilm } from '../film/useFilm'
import { OnSource } from '../OnSource'
import { RangeHandles } from './RangeHandles'
import { boundsOf, readSpan, type Span, spanOf, writeSpan } from './spans'

const TITLE = 'Choose start and end'

/** The range of a video or audio file that a stage uses, set on its timeline. */
export function RangeTool({ node, tool, argument, onClose }: ByHandProps) {
  const span = spanOf(tool.name, argument)
  const port = tool.ports.find((known) => known.name === span?.port)
  const kind = port?.kind === 'audio' ? 'audio' : 'video'
  if (!span) return null
  const toolProps = { node, tool, onClose }
  return (
    <OnSource {...toolProps} port={port?.name ?? ''} title={TITLE} kind={kind}>
      {(source) => <Stretch {...toolProps} span={span} source={source} />}
    </OnSource>
  )
}

interface Props extends Omit<ByHandProps, 'argument'> {
  span: Span
  source: Source
}

function Stretch({ node, tool, span, source, onClose }: Props) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const film = useFilm(source)
  const { clip } = film
  const [isLooping, setLooping] = useState(true)
  /** While a hand holds it; the document hears of it when it is let go. */
  const [draft, setDraft] = useState<Range | null>(null)
  const bounds = boundsOf(tool, span, clip.duration)
  const reading = readSpan({ doc, tools, node, tool }, span, bounds)
  const range = draft ?? reading.range
  const { loop } = clip
  const { start, end } = range
  useEffect(() => loop(isLooping ? { start, end } : null), [loop, isLooping, start, end])

  const write = (next: Range) => {
    setDraft(null)
    // As before: nothing was moved, or the clip's length is not known yet.
    if (next !== range) act(writeSpan(node, span, next))
  }
  /** One of a burst, as held keys are: the burst is one undo step. */
  const nudge = (next: Range) =>
    act(writeSpan(node, span, next), { merge: `stages/${node}/${span.start}` })
  const markIn = () => write(setIn(range, clip.time, bounds))
  const markOut = () => write(setOut(range, clip.time, bounds))
  const isUnset = reading.isUnset && draft === null
  const now = { range, bounds, isUnset, onNudge: nudge }
  return (
    <FilmTool
      title={TITLE}
      film={film}
      about={<About source={source} read={reading} />}
      keys={{ I: markIn, O: markOut, L: () => setLooping(!isLooping) }}
      looping={{ isOn: isLooping, set: setLooping }}
      said={<span className="num">{isUnset ? NOT_SET : words(range)}</span>}
      buttons={
        <>
          <button type="button" className="btn btn-s" onClick={markIn}>
            Set start <kbd>I</kbd>
          </button>
          <button type="button" className="btn btn-s" onClick={markOut}>
            Set end <kbd>O</kbd>
          </button>
        </>
      }
      onTrack={
        <RangeHandles
          {...now}
          {...film.spanning()}
          name="Selected range"
          onHold={setDraft}
          onWrite={write}
        />
      }
      onClose={onClose}
    >
      <RangeFields {...now} rate={clip.rate} />
    </FilmTool>
  )
}

const NOT_SET = 'Nothing set yet. Drag the ends, or press I for start and O for end.'

function words(range: Range): string {
  return `${timecode(range.start)} to ${timecode(range.end)}, ${seconds(lengthOf(range))}`
}

type FieldsProps = Required<Pick<Spanning, 'range' | 'bounds' | 'isUnset' | 'rate' | 'onNudge'>>

/** The range as times that are typed. */
function RangeFields({ range, bounds, isUnset, rate, onNudge }: FieldsProps) {
  const all = { isUnset, rate, onEnd: endGesture }
  return (
    <div className="time-fields">
      <TimeField
        {...all}
        label="Start"
        value={range.start}
        onChange={(time) => onNudge(setIn(range, time, bounds))}
      />
      <TimeField
        {...all}
        label="End"
        value={range.end}
        onChange={(time) => onNudge(setOut(range, time, bounds))}
      />
      <TimeField
        {...all}
        label="Duration"
        value={lengthOf(range)}
        onChange={(time) => onNudge(setLength(range, time, bounds))}
      />
    </div>
  )
}

function About({ source, read }: { source: Source; read: ReturnType<typeof readSpan> }) {
  const of = source.from.title ? `${source.from.title}. ` : ''
  if (read.bound.length > 0)
    return `${of}${boundWords(read.bound)} connected. Setting the range here disconnects ${read.bound.length === 1 ? 'it' : 'them'}.`
  if (read.isCut)
    return `${of}The saved range is longer than this ${source.kind}. Showing what fits.`
  return (
    <>
      {of}Drag the ends, or the middle to move both.{' '}
      <span className="keys-only">Arrow keys: 1 frame · Shift: 1 second</span>
    </>
  )
}

/** "Start is", "Start and Length are". */
function boundWords(titles: readonly string[]): string {
  return `${titles.join(' and ')} ${titles.length === 1 ? 'is' : 'are'}`
}
