import { select } from '../../editor/actions'
import { useEditor } from '../../editor/store'
import { Shape } from '../../parts/Shape'
import { stageBefore } from '../../run/shared/batches'
import { unitWords } from '../../run/shared/credits'
import { useRun } from '../../run/store'

/** The quote of a run now: its stages, the reasons, and reused results. */
export function QuoteSection() {
  const quote = useRun((state) => state.quote)
  const state = useRun((run) => run.quoteState)
  const problem = useRun((run) => run.quoteProblem)
  const wiring = useEditor((store) => store.wiring)
  const isBlank = useEditor(({ doc }) => doc.stages.order.length === 0)
  if (!quote)
    return state === 'failed' && problem ? (
      <section className="panel-section">
        <h3>Next run</h3>
        <p className="help">{problem}</p>
      </section>
    ) : null
  const running = quote.steps.filter((step) => step.will === 'run')
  const reusedSteps = quote.steps.filter((step) => step.will === 'reuse')
  const titleOf = (key: string): string => {
    const title = wiring.nodes.get(key)?.title
    const before = stageBefore(key)
    return title ?? (before === null ? key : `Approve ${titleOf(before)}`)
  }
  const savedUnits = quote.fullUnits - quote.units
  // An empty template says on its canvas how to begin.
  if (isBlank) return null
  if (quote.steps.length === 0)
    return (
      <section className="panel-section">
        <h3>Next run</h3>
        <p className="help">Not ready to run. Fix the problems below first.</p>
      </section>
    )
  return (
    <section className="panel-section" aria-busy={state === 'asking' || undefined}>
      <h3>
        Next run
        {quote.seconds !== null && (
          <span className="faint num">about {Math.max(1, Math.round(quote.seconds))} s</span>
        )}
      </h3>
      <p className="big num">
        {quote.units === 0 ? 'Free' : unitWords(quote.units)}
        {savedUnits > 0 && <span className="faint"> instead of {quote.fullUnits}</span>}
      </p>
      {quote.unfiltered && <p className="help">{quote.unfiltered}</p>}
      <ul className="lines">
        {running.slice(0, 8).map((step) => (
          <li key={step.key}>
            <button
              type="button"
              className="line"
              onClick={() => select([stageBefore(step.key) ?? step.key])}
            >
              <Shape kind={wiring.nodes.get(step.key)?.kind ?? 'choice'} />
              <b className="clip">{titleOf(step.key)}</b>
              <span className="clip">{step.why}</span>
            </button>
          </li>
        ))}
      </ul>
      {running.length > 8 && <p className="help">{running.length - 8} more</p>}
      {reusedSteps.length > 0 && (
        <p className="help">
          {reusedSteps
            .slice(0, 6)
            .map((step) => titleOf(step.key))
            .join(', ')}
          {reusedSteps.length > 6 ? ` and ${reusedSteps.length - 6} others` : ''}{' '}
          {reusedSteps.length === 1 ? 'is' : 'are'} reused.
        </p>
      )}
    </section>
  )
}
