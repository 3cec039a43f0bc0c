import { Check, CircleAlert, Hourglass, RotateCw } from 'lucide-react'
import type { CostCard } from '../../api/schema'
import { CsrfToken } from '../parts/CsrfToken'
import { Action } from './Action'
import { runAddress } from './follow'
import { Moment } from './Moment'
import { isOver, usePage } from './store'

/** The run's end, what was held back, and a wait for money. */
export function Notes() {
  const over = usePage(isOver)
  const { error, summary, filtered, cost, actions } = usePage((state) => state.run.page)
  const isMine = usePage((state) => state.run.isMine)
  return (
    <>
      {error ? (
        <div className="note note-bad run-reason" role="alert">
          <CircleAlert className="i" aria-hidden />
          <div>
            <p>
              <strong>{error.headline}</strong> {summary}
            </p>
            {error.cause && <p className="cause">{error.cause}</p>}
          </div>
          {isMine && actions.mayAct && (
            <Action to="resume" icon={RotateCw} look="btn-lamp">
              Retry
            </Action>
          )}
        </div>
      ) : (
        over &&
        summary && (
          <p className="run-summary" data-summary="">
            {summary}
          </p>
        )
      )}
      {filtered && <p className="run-summary faint">{filtered}</p>}
      {cost && <Waiting card={cost} />}
    </>
  )
}

/** The question about money that the run waits with, and the ways to go on. */
function Waiting({ card }: { card: CostCard }) {
  const status = usePage((state) => state.run.status)
  const mayAct = usePage((state) => state.run.page.actions.mayAct)
  return (
    <section className="note note-wait run-waits" data-waiting={status} aria-labelledby="waits">
      <Hourglass className="i" aria-hidden />
      <div className="run-waits-what">
        <h2 id="waits">{card.heading}</h2>
        {card.isCost ? (
          <>
            {card.assumed.length > 0 && <p>{`Assumes ${card.assumed.join('; ')}.`}</p>}
            <p className="faint">
              {card.isExpired || !card.until ? (
                'This estimate has expired. Get a new one.'
              ) : (
                <>
                  Valid until <Moment at={card.until} />.
                </>
              )}
            </p>
          </>
        ) : (
          <p>{card.text}</p>
        )}
      </div>
      {mayAct &&
        (card.isCost ? (
          <CostForm card={card} />
        ) : (
          <Action to="resume" icon={RotateCw} look="btn-wait">
            Retry
          </Action>
        ))}
    </section>
  )
}

function CostForm({ card }: { card: CostCard }) {
  return (
    <form className="run-waits-do" method="post" action={runAddress('cost')}>
      <CsrfToken />
      <input type="hidden" name="total" value={card.total ?? ''} />
      <input type="hidden" name="until" value={card.until ?? ''} />
      {!card.isExpired && (
        <button className="btn btn-wait" type="submit" name="decision" value="confirm">
          <Check className="i" aria-hidden />
          Approve
        </button>
      )}
      <button
        className={card.isExpired ? 'btn btn-wait' : 'btn'}
        type="submit"
        name="decision"
        value="requote"
      >
        <RotateCw className="i" aria-hidden />
        New estimate
      </button>
      <button className="btn btn-bad" type="submit" name="decision" value="cancel">
        Decline
      </button>
    </form>
  )
}
