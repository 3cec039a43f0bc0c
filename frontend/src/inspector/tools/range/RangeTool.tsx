import { useEffect, useState } from 'react'
import { act, endGesture } from '../../../editor/actions'
import { useEditor } from '../../../editor/store'
import type { ByHandProps } from '../control'
import { ClipBar, ClipView } from '../film/ClipView'
import { onToolKey } from '../film/keys'
import { lengthOf, type Range, setIn, setLength, setOut } from '../film/ranges'
import { wholeSeconds } from '../film/snapping'
import { TimeField } from '../film/TimeField'
import { Track } from '../film/Track'
import { seconds, timecode } from '../film/time'
import { useClip } from '../film/useClip'
import { OnSource } from '../OnSource'
import type { Source } from '../source'
import { ToolDialog } from '../ToolDialog'
import { RangeHandles } from './RangeHandles'
import { boundsOf, readSpan, type Span, spanOf, writeSpan } from './spans'

/** The range of a video or audio file that a stage uses, set on its timeline. */
export function RangeTool({ node, tool, argument, onClose }: ByHandProps) {
  const span = spanOf(tool.name, argument)
  const port = tool.ports.find((known) => known.name === span?.port)
  const kind = port?.kind === 'audio' ? 'audio' : 'video'
  if (!span) return null
  const given = { node, tool, onClose }
  return (
    <OnSource {...given} port={port?.name ?? ''} title="Choose start and end" kind={kind}>
      {(source) => <Stretch {...given} span={span} source={source} />}
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
  const clip = useClip(source)
  const [zoom, setZoom] = useState(1)
  const [isSnapping, setSnapping] = useState(true)
  const [isLooping, setLooping] = useState(true)
  const [cuts, setCuts] = useState<readonly number[]>([])
  /** While a hand holds it; the document hears of it when it is let go. */
  const [held, setHeld] = useState<Range | null>(null)
  const bounds = boundsOf(tool, span, clip.duration)
  const said = readSpan({ doc, tools, node, tool }, span, bounds)
  const range = held ?? said.range
  const { loop } = clip
  const { start, end } = range
  useEffect(() => loop(isLooping ? { start, end } : null), [loop, isLooping, start, end])

  const merge = `stages/${node}/${span.start}`
  const write = (next: Range) => {
    setHeld(null)
    act(writeSpan(node, span, next))
  }
  /** One of a burst, as held keys are: the burst is one undo step. */
  const nudge = (next: Range) => act(writeSpan(node, span, next), { merge })
  const markIn = () => write(setIn(range, clip.time, bounds))
  const markOut = () => write(setOut(range, clip.time, bounds))
  const isReady = clip.duration > 0
  const isUnset = said.isUnset && held === null

  return (
    <ToolDialog
      title="Choose start and end"
      about={<About source={source} said={said} />}
      onClose={onClose}
      onKey={(event) =>
        onToolKey(event, clip, { I: markIn, O: markOut, L: () => setLooping(!isLooping) })
      }
      foot={
        <>
          <p className="tool-said num" role="status">
            {isUnset
              ? 'Nothing set yet. Drag the ends, or press I for start and O for end.'
              : `${timecode(start)} to ${timecode(end)}, ${seconds(lengthOf(range))}`}
          </p>
          <button type="button" className="btn btn-ink" onClick={onClose}>
            Done
          </button>
        </>
      }
    >
      <div className="film-tool">
        <ClipView source={source} clip={clip} />
        <ClipBar
          clip={clip}
          zoom={zoom}
          onZoom={setZoom}
          isSnapping={isSnapping}
          onSnapping={setSnapping}
          isLooping={isLooping}
          onLooping={setLooping}
        >
          <button type="button" className="btn btn-s" onClick={markIn}>
            Set start <kbd>I</kbd>
          </button>
          <button type="button" className="btn btn-s" onClick={markOut}>
            Set end <kbd>O</kbd>
          </button>
        </ClipBar>
        <Track
          source={source}
          clip={clip}
          zoom={zoom}
          cuts={cuts}
          onCuts={setCuts}
          over={
            isReady && (
              <RangeHandles
                name="Selected range"
                range={range}
                bounds={bounds}
                rate={clip.rate}
                isUnset={isUnset}
                targets={isSnapping ? [...wholeSeconds(clip.duration), ...cuts, clip.time] : []}
                onHold={setHeld}
                onLook={clip.seek}
                onWrite={write}
                onNudge={nudge}
                onLeave={endGesture}
              />
            )
          }
        />
        {isReady && (
          <div className="time-fields">
            <TimeField
              label="Start"
              value={start}
              isUnset={isUnset}
              rate={clip.rate}
              onChange={(time) => nudge(setIn(range, time, bounds))}
              onEnd={endGesture}
            />
            <TimeField
              label="End"
              value={end}
              isUnset={isUnset}
              rate={clip.rate}
              onChange={(time) => nudge(setOut(range, time, bounds))}
              onEnd={endGesture}
            />
            <TimeField
              label="Duration"
              value={lengthOf(range)}
              isUnset={isUnset}
              rate={clip.rate}
              onChange={(time) => nudge(setLength(range, time, bounds))}
              onEnd={endGesture}
            />
          </div>
        )}
      </div>
    </ToolDialog>
  )
}

function About({ source, said }: { source: Source; said: ReturnType<typeof readSpan> }) {
  const of = source.from.title ? `${source.from.title}. ` : ''
  if (said.bound.length > 0)
    return `${of}${boundWords(said.bound)} connected. Setting the range here disconnects ${said.bound.length === 1 ? 'it' : 'them'}.`
  if (said.isCut)
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
