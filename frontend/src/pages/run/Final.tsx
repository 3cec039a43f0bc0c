import { WandSparkles } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { FinalOffer } from '../../api/schema'
import { unitWords } from '../../run/shared/credits'
import { useTakenOver } from '../parts/useTakenOver'
import { type FinalQuote, finalWords } from './finalWords'
import { api, runAddress } from './follow'
import { isOver, usePage } from './store'

/** A finished run with draft results: chosen stages are made by the providers that they name. */
export function Final() {
  const over = usePage(isOver)
  const offer = usePage((state) => state.run.page.final)
  const mayAct = usePage((state) => state.run.page.actions.mayAct)
  const isTaken = useTakenOver()
  if (!isTaken || !over || !offer || !mayAct) return null
  return <FinalForm offer={offer} />
}

function FinalForm({ offer }: { offer: FinalOffer }) {
  const [chosen, setChosen] = useState<readonly string[]>(offer.stages.map(({ key }) => key))
  const [problem, setProblem] = useState('')
  const [isSent, setSent] = useState(false)
  const quote = useQuote(chosen, setProblem)
  const toggle = (key: string) =>
    setChosen((before) =>
      before.includes(key) ? before.filter((one) => one !== key) : [...before, key],
    )
  const start = async () => {
    if (!quote) return
    setSent(true)
    try {
      const body = {
        key: offer.key,
        stages: chosen,
        max_estimated_capacity_units: quote.capacityUnits,
      }
      const { id } = await api.call<{ id: string }>(runAddress('final'), { method: 'POST', body })
      location.assign(`/runs/${encodeURIComponent(id)}`)
    } catch (error) {
      setProblem((error as Error).message)
      setSent(false)
    }
  }
  return (
    <section className="panel final" aria-labelledby="final">
      <h2 id="final">Make final</h2>
      <p className="final-about">
        A provider's model makes its own image from the same prompt. Layout, order, timing and text
        stay; faces and places will differ.
      </p>
      <ul className="final-stages" aria-label="Stages to make final">
        {offer.stages.map((stage) => (
          <li key={stage.key}>
            <label>
              <input
                className="check"
                type="checkbox"
                checked={chosen.includes(stage.key)}
                disabled={isSent}
                onChange={() => toggle(stage.key)}
              />
              <StageTitle stage={stage.key} />
              <span className="final-by">
                {[stage.model, stage.provider].filter(Boolean).join(' by ')}
              </span>
              <span className="final-cost num">{unitWords(stage.units)}</span>
            </label>
          </li>
        ))}
      </ul>
      <footer className="final-foot">
        <p className="num" aria-live="polite">
          {chosen.length === 0 ? 'Choose at least 1 stage.' : quote && finalWords(quote)}
        </p>
        <button
          className="btn btn-lamp"
          type="button"
          disabled={isSent || chosen.length === 0 || !quote}
          onClick={start}
        >
          <WandSparkles className="i" aria-hidden />
          Make final
        </button>
      </footer>
      {problem && (
        <p className="note note-bad" role="alert">
          {problem}
        </p>
      )}
    </section>
  )
}

function StageTitle({ stage }: { stage: string }) {
  const title = usePage((state) => state.run.page.stages[stage]?.title ?? stage)
  return <span className="final-title">{title}</span>
}

/** What these stages take. The sum before stays until the new one is there. */
function useQuote(chosen: readonly string[], onProblem: (said: string) => void) {
  const [quote, setQuote] = useState<FinalQuote | null>(null)
  useEffect(() => {
    if (chosen.length === 0) return setQuote(null)
    const gone = new AbortController()
    const { signal } = gone
    api
      .call<FinalQuote>(runAddress('final/quote'), {
        method: 'POST',
        body: { stages: chosen },
        signal,
      })
      .then(
        (said) => {
          setQuote(said)
          onProblem('')
        },
        (error: Error) => {
          if (signal.aborted) return
          setQuote(null)
          onProblem(error.message)
        },
      )
    return () => gone.abort()
  }, [chosen, onProblem])
  return quote
}
