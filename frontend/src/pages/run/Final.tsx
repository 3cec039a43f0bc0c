import { WandSparkles } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ApiError, UNREACHABLE, Unreachable } from '../../api/http'
import type { FinalOffer, FinalStage } from '../../api/schema'
import { dropKey, keepKey } from '../../api/startKeys'
import { MissingModel } from '../../chooser/MissingModel'
import { later } from '../../parts/later'
import {
  costWords,
  draftWords,
  type FinalQuote,
  finalWords,
  makerWords,
  type StageQuote,
} from './finalWords'
import { api, runAddress } from './follow'
import { isOver, usePage } from './store'

const FinalModel = later(
  () => import('./FinalModel'),
  (module) => module.FinalModel,
)

type Models = Readonly<Record<string, string>>

/** A finished run with draft results: chosen stages are made by the providers that they name. */
export function Final() {
  const over = usePage(isOver)
  const offer = usePage((state) => state.run.page.final)
  const mayAct = usePage((state) => state.run.page.actions.mayAct)
  if (!over || !offer || !mayAct) return null
  return <FinalForm offer={offer} />
}

function FinalForm({ offer }: { offer: FinalOffer }) {
  const [chosen, setChosen] = useState<readonly string[]>(
    offer.stages.flatMap(({ id, missing }) => (missing ? [] : [id])),
  )
  const [models, setModels] = useState<Models>({})
  const [problem, setProblem] = useState('')
  const [isSent, setSent] = useState(false)
  const body = {
    stages: chosen,
    models: Object.fromEntries(chosen.flatMap((id) => (models[id] ? [[id, models[id]]] : []))),
  }
  const quote = useQuote(JSON.stringify(body), setProblem)
  const toggle = (id: string) =>
    setChosen((before) =>
      before.includes(id) ? before.filter((one) => one !== id) : [...before, id],
    )
  const choose = (id: string, name: string) => {
    setModels((before) => ({ ...before, [id]: name }))
    setChosen((before) => (before.includes(id) ? before : [...before, id]))
  }
  const start = async () => {
    if (!quote) return
    setSent(true)
    const place = runAddress('final')
    try {
      const { id } = await api.call<{ id: string }>(place, {
        method: 'POST',
        body: {
          ...body,
          key: keepKey(place, offer.key),
          max_estimated_capacity_units: quote.capacityUnits,
        },
      })
      if (typeof id !== 'string') throw new Unreachable()
      dropKey(place)
      location.assign(`/runs/${encodeURIComponent(id)}`)
    } catch (error) {
      if (error instanceof ApiError) {
        dropKey(place)
        setProblem(error.message)
      } else setProblem(`${UNREACHABLE} The run may have started: press again to see it.`)
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
          <Stage
            key={stage.id}
            stage={stage}
            quote={quote?.stages.find(({ id }) => id === stage.id) ?? stage}
            model={models[stage.id] ?? (stage.missing || stage.model)}
            isMissing={stage.missing !== '' && !models[stage.id]}
            isChosen={chosen.includes(stage.id)}
            isDisabled={isSent}
            onToggle={() => toggle(stage.id)}
            onModel={(name) => choose(stage.id, name)}
          />
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

interface StageProps {
  stage: FinalStage
  /** As it would be made now. */
  quote: StageQuote
  model: string
  /** No one here has the model that it names: another is to be chosen first. */
  isMissing: boolean
  isChosen: boolean
  isDisabled: boolean
  onToggle: () => void
  onModel: (name: string) => void
}

function Stage(props: StageProps) {
  const { stage, quote, model, isMissing, isChosen, isDisabled, onToggle, onModel } = props
  const [isOpen, setOpen] = useState(false)
  const title = usePage((state) => state.run.page.stages[stage.id]?.title ?? stage.id)
  return (
    <li>
      <div className="final-stage">
        <label>
          <input
            className="check"
            type="checkbox"
            checked={isChosen}
            disabled={isDisabled || isMissing}
            onChange={onToggle}
          />
          <span className="final-title" dir="auto">
            {title}
          </span>
          <span className="final-by">
            {isMissing ? <MissingModel name={stage.missing} /> : makerWords(quote)}
          </span>
          <span className="final-cost num">{isMissing ? '' : costWords(quote)}</span>
        </label>
        {(stage.hasOthers || stage.missing !== '') && (
          <button
            type="button"
            className="btn btn-s btn-bare"
            aria-expanded={isOpen}
            aria-label={`Change the model of ${title}`}
            disabled={isDisabled || !(isChosen || isMissing)}
            onClick={() => setOpen(!isOpen)}
          >
            Change
          </button>
        )}
      </div>
      {quote.draft !== '' && <p className="help final-draft">{draftWords(quote)}</p>}
      {isOpen && (isChosen || isMissing) && (
        <FinalModel stage={stage} title={title} model={model} onChoose={onModel} />
      )}
    </li>
  )
}

/** Return the quote of making this final. The one before stays until the new one is there. */
function useQuote(body: string, onProblem: (words: string) => void) {
  const [quote, setQuote] = useState<FinalQuote | null>(null)
  useEffect(() => {
    const request = JSON.parse(body) as { stages: string[] }
    if (request.stages.length === 0) return setQuote(null)
    const abort = new AbortController()
    const { signal } = abort
    api.call<FinalQuote>(runAddress('final/quote'), { method: 'POST', body: request, signal }).then(
      (answer) => {
        setQuote(answer)
        onProblem('')
      },
      (error: Error) => {
        if (signal.aborted) return
        setQuote(null)
        onProblem(error.message)
      },
    )
    return () => abort.abort()
  }, [body, onProblem])
  return quote
}
