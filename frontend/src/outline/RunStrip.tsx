import { type Look, pictureOf } from '../canvas/look'
import { useRun, useRunFacts } from '../run/store'
import { countDone, runWords } from '../run/words'
import type { StepState } from '../types'
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

/** The run on a phone: a segment for each stage, and what waits for the viewer. */
export function RunStrip() {
  const run = useRunFacts()
  const steps = useRun((state) => state.steps)
  if (!run || run.order.length === 0) return null
  const all = run.order.flatMap((key) => steps[key] ?? [])
  const turn = all.find((step) => step.status === 'waiting')
  const name = `Run: ${runWords(run.status).pill}, ${countDone(steps)} of ${run.order.length} stages done`
  return (
    <>
      <div className="ostrip" role="img" aria-label={name}>
        {all.map((step) => (
          <i key={step.key} data-is={step.reusedFrom ? 'reused' : LOOKS[step.status]}>
            {step.status === 'running' && <i style={{ transform: `scaleX(${step.progress})` }} />}
          </i>
        ))}
      </div>
      {turn && <Turn step={turn} />}
    </>
  )
}

function Turn({ step }: { step: StepState }) {
  const pictures = step.artifacts.map(pictureOf).filter((picture) => picture !== null)
  return (
    <button type="button" className="oturn" onClick={() => inspectResult(step.key)}>
      {pictures.slice(0, 3).map((picture) => (
        <img key={picture} src={picture} alt="" />
      ))}
      <span className="grow">
        <b>{step.title}</b>
        <small>{step.message || 'The rest goes on without you'}</small>
      </span>
      <span className="btn btn-wait">{pictures.length > 1 ? 'Choose' : 'Answer'}</span>
    </button>
  )
}
