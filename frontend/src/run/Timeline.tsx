import { ChevronDown, ChevronUp, History as Clock } from 'lucide-react'
import { runCommand } from '../editor/commands'
import { useEditor } from '../editor/store'
import { Dialog } from '../parts/Dialog'
import { later } from '../parts/later'
import type { RunHead } from './shared/runHead'
import { moment } from './shared/time'
import { isUnfinished, useRun, useRunFacts } from './store'
import { runWords } from './words'

// Where nothing was run yet there is nothing to draw.
const TimelineChart = later(
  () => import('./TimelineChart'),
  (found) => found.TimelineChart,
)
const History = later(
  () => import('./History'),
  (found) => found.History,
  {
    frame: (sorry) => (
      <Dialog
        title="Runs of this template"
        onClose={() => useRun.setState({ isHistoryOpen: false })}
      >
        {sorry}
      </Dialog>
    ),
  },
)

const KEY: { kind: string; word: string }[] = [
  { kind: 'bar-reuse', word: 'Reused' },
  { kind: 'bar-done', word: 'Done' },
  { kind: 'bar-run', word: 'Running' },
  { kind: 'bar-wait', word: 'Your turn' },
  { kind: 'bar-fail', word: 'Failed' },
  { kind: 'bar-estimate', word: 'Estimated' },
]

/** "Earlier run of 10:41", "Bo's run of 10:41". */
function titleOf(run: Pick<RunHead, 'isMine' | 'by' | 'createdAt'>, isEarlier: boolean): string {
  const what = isEarlier ? 'earlier run' : 'run'
  const whose = run.isMine
    ? `${what.slice(0, 1).toUpperCase()}${what.slice(1)}`
    : `${run.by.name}’s ${what}`
  return `${whose} of ${moment(run.createdAt)}`
}

/** The run as a chart, below the canvas: who worked when, who waits, what is expected. */
export function Timeline() {
  const run = useRunFacts()
  const isWanted = useRun((state) => state.isTimelineOpen)
  const isEarlier = useRun((state) => state.isEarlier)
  const role = useEditor((state) => state.template.role)
  const mode = useEditor((state) => state.mode)
  const hasHistory = useRun((state) => state.isHistoryOpen)
  const isOpen = isWanted && run !== null
  const isFaded = mode === 'edit' && !isUnfinished(run)
  const Fold = isOpen ? ChevronDown : ChevronUp
  if (!role) return null
  return (
    <section
      className={`time${isOpen ? ' is-open' : ''}${isFaded ? ' is-faded' : ''}`}
      aria-label="Timeline"
    >
      <header>
        <h2>{run ? titleOf(run, isEarlier) : 'Timeline'}</h2>
        <span className="muted">{run ? runWords(run).pill : 'Runs will appear here'}</span>
        {isOpen && (
          <span className="key" aria-hidden>
            {KEY.map(({ kind, word }) => (
              <span key={kind}>
                <i className={kind} />
                {word}
              </span>
            ))}
          </span>
        )}
        <span className="time-ends">
          {isEarlier && (
            <button type="button" className="btn btn-s" onClick={() => runCommand('newest-run')}>
              Latest run
            </button>
          )}
          <button
            type="button"
            className="btn btn-s btn-bare btn-icon"
            aria-label="Earlier runs"
            title="Earlier runs"
            onClick={() => runCommand('run-history')}
          >
            <Clock className="i i-14" aria-hidden />
          </button>
          <button
            type="button"
            className="btn btn-s btn-bare btn-icon"
            aria-label={isOpen ? 'Hide timeline' : 'Show timeline'}
            aria-expanded={isOpen}
            aria-disabled={run === null}
            title={isOpen ? 'Hide (T)' : 'Show (T)'}
            onClick={() => runCommand('timeline')}
          >
            <Fold className="i i-14" aria-hidden />
          </button>
        </span>
      </header>
      {isOpen && run && <TimelineChart run={run} />}
      {hasHistory && <History />}
    </section>
  )
}
