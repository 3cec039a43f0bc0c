import type { Tool } from '../../api/schema'
import { say } from '../../editor/actions'
import { commandOf, runCommand } from '../../editor/commands'
import { useEditor } from '../../editor/store'
import { stageOf } from '../../graph/documentReaders'
import { isTemplate } from '../../graph/tools'
import { unitWords } from '../../run/shared/credits'
import { useStepQuote } from '../../run/store'

/** The quote of this stage, and the way to run from it. */
export function StageFoot({ node }: { node: string }) {
  const quote = useStepQuote(node)
  const tool = useEditor((state) => state.tools.get(stageOf(state.doc, node).tool))
  const isBypassed = useEditor((state) => stageOf(state.doc, node).isBypassed)
  const isWhole = useEditor((state) => (state.wiring.nodes.get(node)?.inside ?? 0) > 0)
  const command = commandOf('run-to')
  const reason = useEditor((state) => command?.not?.(state) ?? null)
  return (
    <>
      <span className="grow num">
        {quote ? quoteWords(quote) : isBypassed ? 'Left out of runs' : usual(tool)}
      </span>
      {isWhole && (
        <button type="button" className="btn btn-s" onClick={() => runCommand('stages.open')}>
          Open
        </button>
      )}
      {command && (
        <button
          type="button"
          className="btn btn-s"
          aria-disabled={reason !== null || undefined}
          title={reason ?? undefined}
          onClick={() => {
            const problem = runCommand('run-to')
            if (problem !== null) say(problem)
          }}
        >
          {command.label}
        </button>
      )}
    </>
  )
}

function quoteWords(quote: NonNullable<ReturnType<typeof useStepQuote>>): string {
  if (quote.will === 'reuse') return 'Reused, free'
  const parts = [units(quote.units)]
  if (quote.seconds !== null) parts.push(`about ${Math.max(1, Math.round(quote.seconds))} s`)
  return parts.join(', ')
}

function usual(tool: Pick<Tool, 'name' | 'units' | 'isProvided'> | null): string {
  // What a template costs is the sum of its stages: a quote knows it.
  if (!tool || isTemplate(tool.name)) return ''
  return tool.isProvided
    ? tool.units === 0
      ? 'Free'
      : `${unitWords(tool.units)} each`
    : 'Not available on this server'
}

function units(count: number): string {
  return count === 0 ? 'Free' : unitWords(count)
}
