import type { Wait } from '../api/schema'
import { runCommand } from '../editor/commands'
import { isUnfinished, useRun, useRunFacts } from './store'
import { between, clock, moment } from './time'
import { useNow } from './useNow'
import { askWords, countDone, runWords } from './words'

const NO_WAITS: readonly Wait[] = []

/** The run on the canvas, in the bar: its state, how far it is, and its clock. */
export function RunStatus() {
  const run = useRunFacts()
  const total = run?.order.length ?? 0
  const done = useRun((state) => countDone(state.steps))
  const connection = useRun((state) => state.connection)
  const isEarlier = useRun((state) => state.isEarlier)
  const waits = useRun((state) => state.run?.waits ?? NO_WAITS)
  const goesOn = isUnfinished(run)
  const now = useNow(goesOn)
  if (!run) return <div className="clock">Not run yet</div>
  const { pill, tone } = runWords(run.status)
  const isLost = goesOn && connection === 'reconnecting'
  const took = clock(between(run.createdAt, run.finishedAt, now))
  return (
    <div className="clock run-status" data-run={run.id} data-status={run.status}>
      <button
        type="button"
        className={`pill ${tone}${isLost ? ' is-lost' : ''}`}
        title={isLost ? 'Reconnecting, nothing is lost' : `Run of ${moment(run.createdAt)}`}
        onClick={() => runCommand('run-history')}
      >
        {goesOn && <span className="dot" aria-hidden />}
        {isEarlier ? `${pill}, ${moment(run.createdAt)}` : pill}
      </button>
      {waits.length > 0 && (
        <button type="button" className="btn btn-s btn-wait" onClick={() => runCommand('answer')}>
          {waits[0] && waits.length === 1 ? askWords(waits[0]) : `${waits.length} questions`}
        </button>
      )}
      <span className="num">
        {isLost ? 'Reconnecting, nothing is lost' : `${done} of ${total} done, ${took}`}
      </span>
    </div>
  )
}
