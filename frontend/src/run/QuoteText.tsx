import { goTo, tryInput } from '../editor/inspected'
import { useEditor } from '../editor/store'
import { useRun } from './store'
import { useQuoteWords } from './useQuoteWords'
import { plainWords } from './words'

/** The quote of a run now, in the bar. An obstacle is a button that leads to it. */
export function QuoteText() {
  const quoteState = useRun((state) => state.quoteState)
  const problem = useRun((state) => state.quoteProblem)
  const words = useQuoteWords()
  // An empty template says on its canvas how to begin.
  const isBlank = useEditor(({ doc }) => doc.stages.order.length === 0)
  if (quoteState === 'failed') return <div className="clock quote">{problem}</div>
  if (!words || isBlank || words.error?.code === 'no_stages') return null
  const { error, missing, isBlocked } = words
  const text = words.parts.map((part, index) =>
    part.isStrong ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence have a fixed order.
      <strong key={index}>{part.text}</strong>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above.
      <span key={index}>{part.text}</span>
    ),
  )
  const isOld = quoteState !== 'fresh'
  return (
    <div className={`clock quote${isOld ? ' is-old' : ''}`} title={plainWords(words)}>
      {isBlocked && (error || missing !== undefined) ? (
        <button
          type="button"
          className={`btn btn-s btn-bare quote-lead${words.isCalm ? ' is-calm' : ''}`}
          onClick={() => {
            if (error) goTo(error)
            else if (missing !== undefined) tryInput(missing)
          }}
        >
          {text}
        </button>
      ) : (
        <span>{text}</span>
      )}
    </div>
  )
}
