import { ArrowRight, Info, LoaderCircle, PencilLine, Sparkles } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { csrfToken } from '../api/csrf'
import { shownKey } from '../editor/shownKey'
import { BOOT } from '../editor/store'
import { Note } from '../parts/Note'
import { usePhone } from '../parts/phone'
import { unitWords } from '../run/shared/credits'
import { Rows } from '../versions/ChangeList'
import { countTicked, useComparison } from '../versions/comparison'
import { Differences, type ListProps } from '../versions/Differences'
import { Fields } from '../versions/FieldDiff'
import { useCompare } from '../versions/store'
import { Composer } from './Composer'
import { sayLack } from './drafting'
import { PlanPanel } from './PlanPanel'
import type { Proposal } from './planTypes'
import { accept, refuse } from './proposal'
import { type Proposed, useDescribe, whyNotAccept } from './store'

/** The proposed template, on its canvas, with the answer to give. */
export function ProposalView() {
  return <Differences list={ProposalPanel} hasGraphOnPhones />
}

function ProposalPanel({ entries, current, isMain }: ListProps) {
  const state = useDescribe()
  const { proposed: proposal, plan, looks, news, planProblem, isReplacing } = state
  const tickedUnits = useCompare((state) => state.ticked)
  const isPhone = usePhone()
  const comparison = useComparison()
  const panel = useRef<HTMLElement>(null)
  // Another answer is another thing to look at, and the keys are its keys.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a draft of other settings is the same.
  useEffect(() => {
    panel.current?.focus()
    // The plan comes before the first change, which a phone's list goes to.
    panel.current?.scrollTo(0, 0)
  }, [looks])
  if (!proposal) return null
  const { answer } = proposal
  const count = countTicked(entries, tickedUnits)
  const reason = whyNotAccept(state) ?? (count === 0 ? 'Select at least one change.' : undefined)
  const rows = (
    <Rows
      entries={entries}
      current={current}
      name="the proposal"
      detail={
        isPhone && comparison && current && <Fields comparison={comparison} entry={current} />
      }
    />
  )
  const Region = isMain ? 'main' : 'section'
  return (
    <Region
      className={`palette compare-list proposal${plan || isPhone ? ' is-whole' : ''}`}
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
        <Brief proposed={proposal} />
        {answer.message && <p dir="auto">{answer.message}</p>}
        {news && (
          <Note look="note-wait" role="status">
            {news}
          </Note>
        )}
        {isReplacing && (
          <form className="note note-wait" method="post" action={`/t/${BOOT.templateId}/fork`}>
            <input type="hidden" name="csrfmiddlewaretoken" value={csrfToken()} />
            <span>The template was changed by hand. A new plan would replace it.</span>
            <button type="submit" className="btn btn-s">
              Duplicate
            </button>
          </form>
        )}
        {answer.warnings.map((warning) => (
          <Note icon={Info} key={warning}>
            {warning}
          </Note>
        ))}
      </div>
      {plan && <PlanPanel plan={plan} />}
      {plan ? (
        <details className="fold proposal-changes">
          <summary>
            Changes
            <span className="faint num">{entries.length}</span>
          </summary>
          {rows}
        </details>
      ) : (
        rows
      )}
      <footer>
        {planProblem && (
          <Note look="note-bad" role="alert">
            {planProblem}
          </Note>
        )}
        <Price answer={answer} by={proposal.by} />
        <button
          type="button"
          className="btn btn-ink"
          aria-disabled={reason !== undefined}
          title={reason}
          onClick={({ detail }) => (reason === undefined ? accept(detail > 0) : sayLack())}
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

/** The words, or the box with them. */
function Brief({ proposed }: { proposed: Proposed }) {
  const { brief, base, answer } = proposed
  const looks = useDescribe((state) => state.looks)
  // With stages there, words ask for a change of them, and not for another plan.
  const isReopened = answer.plan !== null && base.stages.order.length > 0
  // Another answer starts over.
  const [editing, setEditing] = useState(0)
  if (editing === looks)
    return <Composer verb="Try again" isFocused onClose={() => setEditing(0)} />
  return (
    <div className="proposal-brief">
      {brief && <p>“{brief}”</p>}
      {!isReopened && (
        <button
          type="button"
          className="btn btn-s btn-bare"
          onClick={() => {
            useDescribe.setState({ brief })
            setEditing(looks)
          }}
        >
          <PencilLine className="i i-14" aria-hidden />
          Edit and try again
        </button>
      )}
    </div>
  )
}

/** The price of a run before and after, and the planner; or that the draft is being made. */
function Price({ answer, by }: { answer: Proposal; by: string }) {
  const { units, unitsBefore } = answer
  const isDrafting = useDescribe((state) => state.isDrafting)
  const isOther = unitsBefore !== null && unitsBefore > 0 && unitsBefore !== units
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
        <strong>{unitWords(units)}</strong>
        {unitsBefore === units && ', as before'}
      </span>
      <small className="help">
        {by === 'rules' ? 'Planned without a language model' : `By ${by}`}
      </small>
      <span className="row describe-progress proposal-drafting" role="status">
        {isDrafting && (
          <>
            <LoaderCircle className="i i-14 spin" aria-hidden />
            <span className="visually-hidden">Drafting</span>
          </>
        )}
      </span>
    </p>
  )
}
