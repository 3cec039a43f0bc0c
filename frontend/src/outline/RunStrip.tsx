import type { Wait } from '../api/schema'
import type { Look } from '../canvas/nodeState'
import { ask } from '../run/asking'
import { pictureOf } from '../run/pictures'
import type { StepState } from '../run/shared/stepState'
import { stepShown, useRun, useRunFacts, useWait } from '../run/store'
import { askWords, countDone, runWords } from '../run/words'
import { inspectResult } from './looking'

const LOOKS: Readonly<Record<StepState['status'], Look | ''>> = {
  pending: '',
  ready: '',
  running: 'running',
  waiting: 'turn',
  completed: 'done',
  failed: 'failed',
  skipped: '',
  cancelled: '',
}

const NO_WAITS: readonly Wait[] = []

/** The run on a phone: a segment for each stage, and what waits for the viewer. */
export function RunStrip() {
  const run = useRunFacts()
  const steps = useRun((state) => state.steps)
  const waits = useRun((state) => state.run?.waits ?? NO_WAITS)
  if (!run || run.order.length === 0) return null
  const all = run.order.flatMap((key) => steps[key] ?? [])
  const turn = all.find((step) => {
    const current = stepShown(steps, step.key)
    return current?.status === 'waiting' && !current.asks
  })
  const turnStep = turn && stepShown(steps, turn.key)
  const name = `Run: ${runWords(run).pill}, ${countDone(steps)} of ${run.order.length} stages done`
  return (
    <>
      <div className="outline-strip" role="img" aria-label={name}>
        {all.map((step) => (
          <i key={step.key} data-is={step.reusedFrom ? 'reused' : LOOKS[step.status]}>
            {step.status === 'running' && <i style={{ transform: `scaleX(${step.progress})` }} />}
          </i>
        ))}
      </div>
      {turnStep && <Turn step={turnStep} />}
      {waits.map((wait) => wait.stage === null && <RunAsks key={wait.id} wait={wait} />)}
    </>
  )
}

/** The question of the run as a whole, about its cost. */
function RunAsks({ wait }: { wait: Wait }) {
  return (
    <button type="button" className="outline-turn" onClick={() => ask(wait)}>
      <span className="grow">
        <b>The run is waiting for you</b>
        <small dir="auto">{wait.message}</small>
      </span>
      <span className="btn btn-wait">{askWords(wait)}</span>
    </button>
  )
}

function Turn({ step }: { step: StepState }) {
  const wait = useWait(step.key)
  const media = wait?.type === 'pick' ? wait.candidates : step.artifacts
  const pictures = media.map(pictureOf).filter((picture) => picture !== null)
  return (
    <button type="button" className="outline-turn" onClick={() => inspectResult(step.key)}>
      {pictures.slice(0, 3).map((picture) => (
        <img key={picture} src={picture} alt="" />
      ))}
      <span className="grow">
        <b dir="auto">{step.title}</b>
        <small dir="auto">{wait?.message || step.message || 'Other stages keep running'}</small>
      </span>
      <span className="btn btn-wait">{askWords(wait)}</span>
    </button>
  )
}
