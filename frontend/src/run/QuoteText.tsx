import { useEditor } from '../editor/store'
import { goTo, showInput } from '../inspector/state'
import { missingInputs } from './inputs'
import { firstError } from './quote'
import { useRun } from './store'
import { plainWords, quoteWords } from './words'

/** What Run would take now, in the bar. What is in the way is a button that leads to it. */
export function QuoteText() {
  const quote = useRun((state) => state.quote)
  const quoteState = useRun((state) => state.quoteState)
  const problem = useRun((state) => state.quoteProblem)
  const doc = useEditor((state) => state.doc)
  const issues = useEditor((state) => state.issues)
  if (quoteState === 'failed') return <span className="clock quote">{problem}</span>
  if (!quote) return null
  const error = firstError(quote.issues) ?? (quote.steps.length === 0 ? firstError(issues) : null)
  const missing = missingInputs(doc)
  const words = quoteWords(
    quote,
    missing.map((input) => input.title),
    error?.message ?? null,
  )
  const isOld = quoteState !== 'fresh'
  const lead = () => {
    if (error) goTo(error)
    else if (missing[0]) showInput(missing[0].key)
  }
  const text = words.parts.map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence have a fixed order.
    part.isStrong ? <strong key={index}>{part.text}</strong> : <span key={index}>{part.text}</span>,
  )
  return (
    <div className={`clock quote${isOld ? ' is-old' : ''}`} title={plainWords(words)}>
      {words.isBlocked && (error || missing.length > 0) ? (
        <button type="button" className="btn btn-s btn-bare quote-lead" onClick={lead}>
          {text}
        </button>
      ) : (
        <span>{text}</span>
      )}
    </div>
  )
}
