import { useRef, useState } from 'react'
import { act, endGesture, undo } from '../../../editor/actions'
import { useEditor } from '../../../editor/store'
import type { ByHandProps } from '../control'
import { ClipBar, ClipView } from '../film/ClipView'
import { onToolKey } from '../film/keys'
import { LaneBar } from '../film/LaneBar'
import type { Range } from '../film/ranges'
import { wholeSeconds } from '../film/snapping'
import { Track } from '../film/Track'
import { useClip } from '../film/useClip'
import { OnSource } from '../OnSource'
import type { Source } from '../source'
import { ToolDialog } from '../ToolDialog'
import { useFocusNext } from '../useFocusNext'
import { CueFiles } from './CueFiles'
import { CueList } from './CueList'
import {
  addAt,
  byTime,
  type Changed,
  type Cue,
  cueAt,
  doubtsOf,
  LEAST,
  mergeNext,
  removeAt,
  retime,
  rewrite,
  splitAt,
} from './cues'
import { type Lines, readLines, writeCues, writeText } from './lines'
import { Preview } from './Preview'
import { StyleFields, useLook } from './StyleFields'

const TITLE = 'Edit subtitles'

/** Lines and their times, edited with the video in view. */
export function CueTool({ node, tool, onClose }: ByHandProps) {
  const given = { node, tool, onClose }
  return (
    <OnSource {...given} port="video" title={TITLE} kind="video">
      {(source) => <Editor {...given} source={source} />}
    </OnSource>
  )
}

interface Said {
  readonly text: string
  readonly canUndo?: boolean
}

function Editor({
  node,
  tool,
  source,
  onClose,
}: Omit<ByHandProps, 'argument'> & { source: Source }) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const clip = useClip(source)
  const look = useLook(node)
  const root = useRef<HTMLDivElement>(null)
  const [zoom, setZoom] = useState(1)
  const [isSnapping, setSnapping] = useState(true)
  const [cuts, setCuts] = useState<readonly number[]>([])
  const [chosen, setChosen] = useState(0)
  const [held, setHeld] = useState<{ at: number; range: Range } | null>(null)
  const [said, setSaid] = useState<Said | null>(null)
  const focusNext = useFocusNext(root)
  const lines = readLines(doc, tools, node)
  // What is held is not put in order before it is let go: the line under the hand stays the same.
  const cues = held
    ? lines.cues.map((cue, at) => (at === held.at ? { ...cue, ...held.range } : cue))
    : lines.cues
  const at = Math.min(chosen, cues.length - 1)
  const doubts = doubtsOf(cues, clip.duration)
  const doubtful = doubts.filter((found) => found.length > 0).length

  const write = (next: readonly Cue[], what: string, merge?: string) => {
    setSaid(null)
    act(writeCues(node, next, what), merge ? { merge } : {})
  }
  const change = (made: Changed | null, what: string, merge?: string) => {
    if (!made) return
    write(made.cues, what, merge)
    setChosen(Math.max(0, made.at))
  }
  const toText = (place: number) =>
    focusNext((tool) => tool.querySelectorAll<HTMLElement>('.cues textarea')[place])
  const add = (from = clip.time) => {
    const made = addAt(lines.cues, from, clip.duration)
    clip.pause()
    change(made, 'Add a line')
    toText(made.at)
  }
  /**
   * Enter in a line: a new one after it; where there is no room, on to the next. The keyboard stays
   * in a field, so that nothing that is typed acts as a shortcut.
   */
  const nextLine = (place: number) => {
    const cue = lines.cues[place]
    if (!cue) return
    const next = lines.cues[place + 1]
    const isBlank = cue.text.trim() === ''
    const room = (next?.start ?? clip.duration) - cue.end
    if (!isBlank && room >= 2 * LEAST) {
      clip.seek(cue.end)
      add(cue.end)
    } else if (next) {
      setChosen(place + 1)
      clip.seek(next.start)
      toText(place + 1)
    } else
      setSaid({
        text: isBlank ? 'Type the text of this line first.' : 'No room after this line.',
      })
  }
  const split = (place: number) => change(splitAt(lines.cues, place, clip.time), 'Split a line')
  const merge = (place: number) => change(mergeNext(lines.cues, place), 'Merge two lines')
  const remove = (place: number) => change(removeAt(lines.cues, place), 'Remove a line')
  const time = (place: number, times: Partial<Range>) => {
    const made = retime(lines.cues, place, times, clip.duration)
    change(made, 'Move a line', `stages/${node}/cues/time`)
    // Past another line, it is another bar: the keyboard goes along.
    const isHeld = document.activeElement?.classList.contains('lane-in')
    if (isHeld && made.at !== place)
      focusNext((tool) => tool.querySelectorAll<HTMLElement>('.lane-in')[made.at])
  }
  const goTo = (place: number) => {
    const cue = lines.cues[place]
    if (!cue) return
    setChosen(place)
    clip.seek(cue.start)
  }
  const bring = (found: readonly Cue[], words: string) => {
    write(byTime(found), 'Import subtitles')
    setChosen(0)
    setSaid({ text: words, canUndo: true })
  }
  const here = cueAt(cues, clip.time)
  const now = here >= 0 ? here : at

  return (
    <ToolDialog
      title={TITLE}
      onKey={(event) =>
        onToolKey(event, clip, {
          Enter: () => add(),
          S: () => split(now),
          M: () => merge(now),
          Delete: () => remove(at),
          I: () => time(at, { start: clip.time }),
          O: () => time(at, { end: clip.time }),
          ArrowUp: () => goTo(Math.max(0, at - 1)),
          ArrowDown: () => goTo(Math.min(cues.length - 1, at + 1)),
        })
      }
      about={<About lines={lines} source={source} />}
      onClose={onClose}
      foot={
        <>
          <p className="tool-said" role="status">
            {said?.text ?? summary(cues.length, doubtful)}{' '}
            {said?.canUndo && (
              <button
                type="button"
                className="link"
                onClick={() => {
                  undo()
                  setSaid(null)
                }}
              >
                Undo
              </button>
            )}
          </p>
          <button type="button" className="btn btn-ink" onClick={onClose}>
            Done
          </button>
        </>
      }
    >
      <div className="film-tool film-cols" ref={root}>
        <div className="film-main">
          <ClipView source={source} clip={clip}>
            <Preview cues={cues} time={clip.time} look={look} />
          </ClipView>
          <ClipBar
            clip={clip}
            zoom={zoom}
            onZoom={setZoom}
            isSnapping={isSnapping}
            onSnapping={setSnapping}
          >
            <button type="button" className="btn btn-s" onClick={() => add()}>
              Add line <kbd>Enter</kbd>
            </button>
          </ClipBar>
          <Track
            source={source}
            clip={clip}
            zoom={zoom}
            cuts={cuts}
            onCuts={setCuts}
            lanes={
              clip.duration > 0 && (
                // biome-ignore lint/a11y/useSemanticElements: bars, not fields of a form
                <div className="film-lane" role="group" aria-label="Lines on the timeline">
                  {cues.map((cue, place) => (
                    <LaneBar
                      // biome-ignore lint/suspicious/noArrayIndexKey: lines have only their place
                      key={place}
                      name={`Line ${place + 1}`}
                      words={cue.text.trim() || '…'}
                      isChosen={place === at}
                      isMarked={(doubts[place]?.length ?? 0) > 0}
                      range={cue}
                      bounds={{
                        duration: clip.duration,
                        least: LEAST,
                        most: Number.POSITIVE_INFINITY,
                      }}
                      rate={clip.rate}
                      targets={
                        isSnapping ? targetsFor(cues, place, clip.duration, cuts, clip.time) : []
                      }
                      onChoose={() => setChosen(place)}
                      onHold={(range) => setHeld(range && { at: place, range })}
                      onLook={clip.seek}
                      onWrite={(range) => {
                        setHeld(null)
                        change(retime(lines.cues, place, range, clip.duration), 'Move a line')
                      }}
                      onNudge={(range) => time(place, range)}
                      onLeave={endGesture}
                    />
                  ))}
                </div>
              )
            }
          />
        </div>
        <div className="film-side">
          <CueFiles cues={lines.cues} onBring={bring} />
          {lines.from === 'srt' && (
            <p className="note">Saved as SRT text. Your first edit converts it to lines.</p>
          )}
          <CueList
            cues={cues}
            doubts={doubts}
            chosen={at}
            rate={clip.rate}
            isBound={lines.from === 'bound'}
            onAdd={() => add()}
            onChoose={(place) => {
              setChosen(place)
              const cue = cues[place]
              if (cue && (clip.time < cue.start || clip.time >= cue.end)) clip.seek(cue.start)
            }}
            onWords={(place, text) =>
              write(
                rewrite(lines.cues, place, text),
                'Edit a line',
                `stages/${node}/cues/${place}/text`,
              )
            }
            onTime={time}
            onLeave={endGesture}
            onDone={nextLine}
            onSplit={split}
            onMerge={merge}
            onRemove={remove}
          />
          <StyleFields node={node} tool={tool} />
          {lines.from === 'cues' && (
            <p className="help">
              Some API clients need SRT text.{' '}
              <button
                type="button"
                className="link"
                onClick={() => act(writeText(node, lines.cues))}
              >
                Save as SRT text
              </button>
            </p>
          )}
        </div>
      </div>
    </ToolDialog>
  )
}

function summary(count: number, doubtful: number): string {
  if (count === 0) return 'No subtitles yet.'
  const lines = count === 1 ? '1 line' : `${count} lines`
  return doubtful === 0 ? `${lines}.` : `${lines}, ${doubtful} with problems.`
}

/** Other lines' ends, whole seconds, cuts and the playhead. */
function targetsFor(
  cues: readonly Cue[],
  place: number,
  duration: number,
  cuts: readonly number[],
  time: number,
): number[] {
  const others = cues.flatMap((cue, at) => (at === place ? [] : [cue.start, cue.end]))
  return [...others, ...wholeSeconds(duration), ...cuts, time]
}

function About({ lines, source }: { lines: Lines; source: Source }) {
  const of = source.from.title ? `${source.from.title}. ` : ''
  if (lines.from === 'bound')
    return `${of}Subtitles are connected from another stage. Add lines here to replace them.`
  return (
    <>
      {of}
      <span className="keys-only">
        Space: play · Enter: add line · S: split · M: merge · I, O: start and end
      </span>
    </>
  )
}
