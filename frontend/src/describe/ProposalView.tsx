import {
  ArrowRight,
  CircleSlash,
  Info,
  MessageCircleQuestionMark,
  PencilLine,
  Sparkles,
  TriangleAlert,
} from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Proposal } from '../api/schema'
import { shownKey } from '../editor/shownKey'
import { usePhone } from '../parts/phone'
import { Rows } from '../versions/ChangeList'
import { countTicked, useComparison } from '../versions/comparison'
import { Differences, type ListProps } from '../versions/Differences'
import { Fields } from '../versions/FieldDiff'
import { useCompare } from '../versions/store'
import { Composer } from './Composer'
import { accept, refuse } from './proposal'
import { type Proposed, useDescribe } from './store'

/** The proposed template, on its canvas, with the answer to give. */
export function ProposalView() {
  return <Differences list={ProposalPanel} hasGraphOnPhones />
}

function ProposalPanel({ entries, current, isMain }: ListProps) {
  const proposal = useDescribe((state) => state.proposed)
  const news = useDescribe((state) => state.news)
  const tickedUnits = useCompare((state) => state.ticked)
  const isPhone = usePhone()
  const comparison = useComparison()
  const panel = useRef<HTMLElement>(null)
  // Another answer is another thing to look at, and the keys are its keys.
  useEffect(() => {
    if (!proposal) return
    panel.current?.focus()
    // What was read of the words comes before the first change, which a phone's list goes to.
    panel.current?.scrollTo(0, 0)
  }, [proposal])
  if (!proposal) return null
  const { answer } = proposal
  const count = countTicked(entries, tickedUnits)
  const Region = isMain ? 'main' : 'section'
  return (
    <Region
      className="palette compare-list proposal"
      aria-label="Proposal"
      id={isMain ? 'main' : undefined}
      ref={panel}
      tabIndex={-1}
    >
      <div className="proposal-head">
        <h2>
          <Sparkles className="i i-14" aria-hidden />
          Proposal
        </h2>
        <Asked proposed={proposal} />
        {answer.message && <p>{answer.message}</p>}
        {news && (
          <p className="note note-wait" role="status">
            <TriangleAlert className="i" aria-hidden />
            <span>{news}</span>
          </p>
        )}
        {answer.warnings.map((warning) => (
          <p className="note" key={warning}>
            <Info className="i" aria-hidden />
            <span>{warning}</span>
          </p>
        ))}
        <Contents lines={answer.reading.contents} />
      </div>
      <Rows
        entries={entries}
        current={current}
        name="the proposal"
        detail={
          isPhone && comparison && current && <Fields comparison={comparison} entry={current} />
        }
      />
      <footer>
        <Price answer={answer} />
        <button
          type="button"
          className="btn btn-ink"
          aria-disabled={count === 0}
          title={count === 0 ? 'Select at least one change.' : undefined}
          onClick={({ detail }) => count > 0 && accept(detail > 0)}
        >
          {count === entries.length ? 'Accept' : `Accept ${count} of ${entries.length}`}
          <kbd>{shownKey('Enter')}</kbd>
        </button>
        <button type="button" className="btn" onClick={refuse}>
          Refuse
          <kbd>Esc</kbd>
        </button>
      </footer>
    </Region>
  )
}

/** The request and how it was read; written otherwise, it can be asked again. */
function Asked({ proposed }: { proposed: Proposed }) {
  const { understood, notUnderstood, impossible } = proposed.answer.reading
  return (
    <>
      {notUnderstood.length > 0 && (
        <div className="note note-reused">
          <MessageCircleQuestionMark className="i" aria-hidden />
          <div>
            <h3>Not understood</h3>
            <p>{notUnderstood.map((stretch) => `“${stretch}”`).join(', ')}</p>
          </div>
        </div>
      )}
      <Brief proposed={proposed} />
      {understood.length > 0 && (
        <ul className="proposal-facts" aria-label="Understood">
          {understood.map((fact) => (
            <li className="pill" key={fact}>
              <span className="clip">{fact}</span>
            </li>
          ))}
        </ul>
      )}
      {impossible.map((sentence) => (
        <p className="note" key={sentence}>
          <CircleSlash className="i" aria-hidden />
          <span>{sentence}</span>
        </p>
      ))}
    </>
  )
}

/** The things that a run would draw, read and play, in the words that the tools are given. */
function Contents({ lines }: { lines: string[] }) {
  if (lines.length === 0) return null
  return (
    <section className="proposal-contents">
      <h3 id="what-it-makes">What it makes</h3>
      <ol aria-labelledby="what-it-makes">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ol>
    </section>
  )
}

/** The words, or the box with them: at once where some were not understood, without the keys. */
function Brief({ proposed }: { proposed: Proposed }) {
  const { brief, answer } = proposed
  const isUnclear = answer.reading.notUnderstood.length > 0
  const [isEditing, setEditing] = useState(isUnclear)
  const [isFocused, setFocused] = useState(false)
  // Another answer starts over.
  const [current, setCurrent] = useState(proposed)
  if (current !== proposed) {
    setCurrent(proposed)
    setEditing(isUnclear)
    setFocused(false)
  }
  if (isEditing)
    return <Composer verb="Try again" isFocused={isFocused} onClose={() => setEditing(false)} />
  return (
    <div className="proposal-brief">
      <p>“{brief}”</p>
      <button
        type="button"
        className="btn btn-s btn-bare"
        onClick={() => {
          useDescribe.setState({ brief })
          setFocused(true)
          setEditing(true)
        }}
      >
        <PencilLine className="i i-14" aria-hidden />
        Edit and try again
      </button>
    </div>
  )
}

/** The price of a run before and after, and the planner. */
function Price({ answer }: { answer: Proposal }) {
  const { units, unitsBefore, planner } = answer
  const isOther = unitsBefore !== null && unitsBefore > 0 && unitsBefore !== units
  const by = planner === 'rules' ? 'Planned by rules, without a language model' : `By ${planner}`
  return (
    <p className="proposal-price">
      <span className="num">
        A run:{' '}
        {isOther && (
          <>
            <span className="visually-hidden">before </span>
            {unitsBefore} <ArrowRight className="i i-12" aria-hidden />
            <span className="visually-hidden">, after</span>{' '}
          </>
        )}
        <strong>
          {units} {units === 1 ? 'credit' : 'credits'}
        </strong>
        {unitsBefore === units && ', as before'}
      </span>
      <small>{by}</small>
    </p>
  )
}
