import { useMemo } from 'react'
import type { Issue } from '../api/schema'
import { documentOf, useEditor } from '../editor/store'
import { asksOf } from '../graph/flow'
import { missingInputs } from './inputs'
import { firstError } from './quote'
import { useRun } from './store'
import { problemWords, type QuoteWords, quoteWords } from './words'

export interface QuoteSaid extends QuoteWords {
  /** The obstacle: an issue, or the key of the first input that needs a value. */
  error: Issue | undefined
  missing: string | undefined
  /** It is in the way of a run, but of a stage that was just added. */
  isCalm: boolean
}

/** The quote in words, with what is in the way; null while there is none. */
export function useQuoteWords(): QuoteSaid | null {
  const quote = useRun((state) => state.quote)
  const doc = useEditor((state) => documentOf(state).doc)
  const issues = useEditor((state) => documentOf(state).issues)
  const calm = useEditor((state) => state.calm)
  const wiring = useEditor((state) => documentOf(state).wiring)
  const isOwner = useEditor((state) => state.template.isOwner)
  return useMemo(() => {
    if (!quote) return null
    const allIssues = quote.steps.length > 0 ? quote.issues : [...quote.issues, ...issues]
    const error = firstError(allIssues)
    const missing = missingInputs(doc)
    const titles = missing.map((input) => input.title)
    // A question is asked again whenever it is run up to, whatever is reused.
    const asks = asksOf(
      doc,
      quote.steps.map((step) => step.key),
    )
    const stage = error?.stageId == null ? undefined : wiring.nodes.get(error.stageId)?.title
    const problem = error ? problemWords(error.message, stage) : null
    const words = quoteWords(quote, titles, problem, asks, !isOwner)
    const isCalm = error?.stageId != null && calm.has(error.stageId)
    return { ...words, error, missing: missing[0]?.key, isCalm }
  }, [quote, doc, issues, calm, wiring, isOwner])
}
