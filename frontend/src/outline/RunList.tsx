import { History } from 'lucide-react'
import { runCommand } from '../editor/commands'
import { documentOf, useEditor } from '../editor/store'
import { Shape } from '../parts/Shape'
import type { StepState } from '../run/shared/stepState'
import { between, lasting, moment } from '../run/shared/time'
import { useNow } from '../run/shared/useNow'
import { isUnfinished, stepShown, useRun, useRunFacts } from '../run/store'
import { runWords, statusWords } from '../run/words'
import { inspectResult } from './looking'

/** The run as a list, in the timeline's place on phones: who works, who waits, how long it took. */
export function RunList() {
  const run = useRunFacts()
  const steps = useRun((state) => state.steps)
  const isEarlier = useRun((state) => state.isEarlier)
  const now = useNow(isUnfinished(run))
  if (!run)
    return (
      <div className="outline-in">
        <h2>Run</h2>
        <p className="muted outline-none">Your run will appear here.</p>
      </div>
    )
  const all = run.order.flatMap((key) => stepShown(steps, key) ?? [])
  const whole = Math.max(1, between(run.createdAt, run.finishedAt, now))
  return (
    <div className="outline-in">
      <header className="outline-head">
        <h2>
          {isEarlier ? 'Earlier run' : 'Run'} of {moment(run.createdAt)}
        </h2>
        <span className={`pill ${runWords(run).tone}`}>{runWords(run).pill}</span>
        {!run.isMine && (
          <span className="muted clip" dir="auto">
            {run.by.name}
          </span>
        )}
        <span className="grow" />
        {isEarlier && (
          <button type="button" className="btn btn-s" onClick={() => runCommand('newest-run')}>
            Latest run
          </button>
        )}
        <button
          type="button"
          className="btn btn-s btn-icon"
          aria-label="Earlier runs"
          onClick={() => runCommand('run-history')}
        >
          <History className="i i-14" aria-hidden />
        </button>
      </header>
      <ol className="outline-runs">
        {all.map((step) => (
          <Step key={step.key} step={step} from={run.createdAt} whole={whole} now={now} />
        ))}
      </ol>
    </div>
  )
}

interface StepProps {
  step: StepState
  /** The start of the run: ISO time. */
  from: string
  /** Seconds of the whole run so far. */
  whole: number
  now: number
}

function Step({ step, from, whole, now }: StepProps) {
  const kind = useEditor((state) => documentOf(state).wiring.nodes.get(step.key)?.kind ?? 'choice')
  const words = statusWords(step, undefined, { isRunning: true })
  const start = step.startedAt ? between(from, step.startedAt, now) : 0
  const took = step.startedAt ? between(step.startedAt, step.finishedAt, now) : 0
  const name = words.pill || (step.status === 'completed' ? 'Done' : words.meta)
  return (
    <li>
      <button type="button" onClick={() => inspectResult(step.key)}>
        <b className="clip">
          <Shape kind={kind} />
          <bdi>{step.title}</bdi>
        </b>
        <span className={`pill ${words.tone === 'will' ? '' : words.tone}`}>{name}</span>
        <span className="outline-run-lane" aria-hidden>
          {took > 0 && (
            <i
              data-is={step.reusedFrom ? 'reused' : step.status}
              style={{
                left: `${Math.min(98, (100 * start) / whole)}%`,
                width: `${Math.max(2, Math.min(100, (100 * took) / whole))}%`,
              }}
            />
          )}
        </span>
        <small className="num">{step.startedAt && !step.reusedFrom ? lasting(took) : ''}</small>
      </button>
    </li>
  )
}
