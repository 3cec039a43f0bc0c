import { act } from '../../../editor/actions'
import type { Source } from '../../../run/source'
import type { ByHandProps } from '../control'
import { FilmTool } from '../film/FilmTool'
import { LaneBar } from '../film/LaneBar'
import { type Film, useFilm } from '../film/useFilm'
import { OnSource } from '../OnSource'
import { CueFiles } from './CueFiles'
import { CueList } from './CueList'
import { LEAST } from './cues'
import { type Lines, writeText } from './lines'
import { Preview } from './Preview'
import { StyleFields, useLook } from './StyleFields'
import { type CueActions, type Cues, cueActions, useCues } from './useCues'

const TITLE = 'Edit subtitles'

/** Lines and their times, edited with the video in view. */
export function CueTool({ node, tool, onClose }: ByHandProps) {
  const toolProps = { node, tool, onClose }
  return (
    <OnSource {...toolProps} port="video" title={TITLE} kind="video">
      {(source) => <Editor {...toolProps} source={source} />}
    </OnSource>
  )
}

function Editor({ node, tool, source, onClose }: EditorProps) {
  const film = useFilm(source)
  const cues = useCues(node, film)
  const actions = cueActions(cues, film)
  const look = useLook(node)
  const { clip } = film
  const { at, now } = cues
  return (
    <FilmTool
      title={TITLE}
      film={film}
      about={<About lines={cues.lines} source={source} />}
      keys={{
        Enter: () => actions.add(),
        S: () => actions.split(now),
        M: () => actions.merge(now),
        Delete: () => actions.remove(at),
        I: () => actions.time(at, { start: clip.time }),
        O: () => actions.time(at, { end: clip.time }),
        ArrowUp: () => actions.goTo(Math.max(0, at - 1)),
        ArrowDown: () => actions.goTo(Math.min(cues.cues.length - 1, at + 1)),
      }}
      said={<Said cues={cues} onUndo={actions.takeBack} />}
      onPicture={<Preview cues={cues.cues} time={clip.time} look={look} />}
      buttons={
        <button type="button" className="btn btn-s" onClick={() => actions.add()}>
          Add line <kbd>Enter</kbd>
        </button>
      }
      lanes={<Lane film={film} cues={cues} actions={actions} />}
      side={
        <>
          <CueFiles cues={cues.lines.cues} onBring={actions.bring} />
          {cues.lines.from === 'srt' && (
            <p className="note">Saved as SRT text. Your first edit converts it to lines.</p>
          )}
          <CueList cues={cues} actions={actions} film={film} />
          <StyleFields node={node} tool={tool} />
          {cues.lines.from === 'cues' && (
            <p className="help">
              Some API clients need SRT text.{' '}
              <button
                type="button"
                className="link"
                onClick={() => act(writeText(node, cues.lines.cues))}
              >
                Save as SRT text
              </button>
            </p>
          )}
        </>
      }
      onClose={onClose}
    />
  )
}

interface EditorProps extends Omit<ByHandProps, 'argument'> {
  source: Source
}

interface LaneProps {
  film: Film
  cues: Cues
  actions: CueActions
}

/** The lines as bars below the pictures. */
function Lane({ film, cues: { cues, at, doubts, setChosen, setDraft }, actions }: LaneProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: bars, not fields of a form
    <div className="film-lane" role="group" aria-label="Lines on the timeline">
      {cues.map((cue, place) => (
        <LaneBar
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have only their place
          key={place}
          film={film}
          name={`Line ${place + 1}`}
          words={cue.text.trim() || '…'}
          isChosen={place === at}
          isMarked={(doubts[place]?.length ?? 0) > 0}
          range={cue}
          least={LEAST}
          ends={cues.flatMap((other, one) => (one === place ? [] : [other.start, other.end]))}
          onChoose={() => setChosen(place)}
          onHold={(range) => setDraft(range && { at: place, range })}
          onWrite={(range) => {
            setDraft(null)
            actions.move(place, range)
          }}
          onNudge={(range) => actions.time(place, range)}
        />
      ))}
    </div>
  )
}

function Said({ cues: { said, cues, doubts }, onUndo }: { cues: Cues; onUndo: () => void }) {
  const doubtful = doubts.filter((found) => found.length > 0).length
  return (
    <>
      {said?.text ?? summary(cues.length, doubtful)}{' '}
      {said?.canUndo && (
        <button type="button" className="link" onClick={onUndo}>
          Undo
        </button>
      )}
    </>
  )
}

function summary(count: number, doubtful: number): string {
  if (count === 0) return 'No subtitles yet.'
  const lines = count === 1 ? '1 line' : `${count} lines`
  return doubtful === 0 ? `${lines}.` : `${lines}, ${doubtful} with problems.`
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
