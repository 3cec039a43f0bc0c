import type { Wait } from '../api/schema'
import { setMode } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { Avatar } from '../parts/Avatar'
import { StopButton } from './RunButton'
import { between, clock, moment } from './shared/time'
import { useNow } from './shared/useNow'
import { isUnfinished, useRun, useRunFacts } from './store'
import { askWords, countDone, runWords } from './words'

const NO_WAITS: readonly Wait[] = []

/** While I edit: that someone else's run goes on, and the way to it. */
export function RunOfOthers() {
  const run = useRunFacts()
  const total = run?.order.length ?? 0
  const doneCount = useRun((state) => countDone(state.steps))
  if (!run || run.isMine || !isUnfinished(run)) return null
  return (
    <button
      type="button"
      className="btn btn-s btn-bare run-by"
      title={`${run.by.name} started this run and pays for it. Show it.`}
      onClick={() => setMode('run')}
    >
      <Avatar name={run.by.name} hue={run.by.hue} />
      <span className="clip">
        <bdi>{run.by.name}</bdi> runs this
      </span>
      <span className="num faint">
        {doneCount}/{total}
      </span>
    </button>
  )
}

/** The run on the canvas, in the bar: its state, how far it is, and its clock. */
export function RunStatus() {
  const run = useRunFacts()
  const total = run?.order.length ?? 0
  const doneCount = useRun((state) => countDone(state.steps))
  const connection = useRun((state) => state.connection)
  const isEarlier = useRun((state) => state.isEarlier)
  const waits = useRun((state) => state.run?.waits ?? NO_WAITS)
  const goesOn = isUnfinished(run)
  const now = useNow(goesOn)
  if (!run) return <div className="clock">Not run yet</div>
  const { pill, tone } = runWords(run)
  const isLost = goesOn && connection === 'reconnecting'
  const took = clock(between(run.createdAt, run.finishedAt, now))
  return (
    <div className="clock run-status" data-run={run.id} data-status={run.status}>
      {!run.isMine && (
        <span className="run-by" title={`${run.by.name} started this run and pays for it`}>
          <Avatar name={run.by.name} hue={run.by.hue} />
          <span className="clip">
            <bdi>{run.by.name}</bdi>
            {goesOn && ' runs this'}
          </span>
        </span>
      )}
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
        {isLost
          ? 'Reconnecting, nothing is lost'
          : run.isMine
            ? `${doneCount} of ${total} done, ${took}`
            : `${doneCount} of ${total}`}
      </span>
      {goesOn && !run.isMine && run.mayStop && <StopButton />}
    </div>
  )
}
