import { documentOf, useEditor } from '../editor/store'
import type { StepState } from '../run/shared/stepState'
import { useRun, useRunFacts } from '../run/store'
import { Thumb } from '../run/Thumb'
import { mediaWords } from '../run/words'
import { inspectResult } from './looking'

/** All that the run made, the last stage first: what people came for. */
export function Results() {
  const run = useRunFacts()
  const steps = useRun((state) => state.steps)
  const all = (run?.order ?? []).flatMap((key) => steps[key] ?? [])
  const results = all.filter((step) => step.artifacts.length > 0).toReversed()
  return (
    <div className="outline-in">
      <header className="outline-head">
        <h2>Results</h2>
      </header>
      {results.length === 0 && (
        <p className="muted outline-none">
          {run
            ? "No results yet. Each one appears here when it's done."
            : 'The results of a run appear here.'}
        </p>
      )}
      {results.map((step) => (
        <Made key={step.key} step={step} />
      ))}
    </div>
  )
}

function Made({ step }: { step: StepState }) {
  const title = useEditor(
    (state) => documentOf(state).wiring.nodes.get(step.key)?.title ?? step.title,
  )
  return (
    <section className="outline-results" aria-label={title}>
      <h3>
        <bdi>{title}</bdi>
        <small>{mediaWords(step.artifacts)}</small>
      </h3>
      <div>
        {step.artifacts.map((medium, at) => (
          <button
            key={medium.id}
            type="button"
            aria-label={`${title}, ${at + 1} of ${step.artifacts.length}`}
            onClick={() => inspectResult(step.key)}
          >
            <Thumb medium={medium} />
          </button>
        ))}
      </div>
    </section>
  )
}
