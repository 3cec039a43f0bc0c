import { Pencil } from 'lucide-react'
import { ResultNotice } from '../../run/shared/ResultNotice'
import { Comparison } from '../parts/Comparison'
import { Batch } from './Batch'
import { Medium } from './Medium'
import { StepPill } from './Pill'
import { StageIcon } from './StageIcon'
import { usePage } from './store'
import { Took } from './Took'
import { useItems, useNote, useStep, useView } from './useStep'
import { aboutWords, itemCountWords, stateOf } from './words'

const REFUSED = 'provider.refused'

/** Every stage: what it is, made, says and took. */
export function Rows() {
  const order = usePage((state) => state.run.page.order)
  return (
    <>
      {order.map((key) => (
        <li key={key}>
          <Row stage={key} />
          <Items stage={key} />
        </li>
      ))}
    </>
  )
}

function Row({ stage }: { stage: string }) {
  const step = useStep(stage)
  const view = useView(stage)
  const note = useNote(stage)
  const items = useItems(stage)
  if (!step || !view) return null
  const isBatch = view.expected !== undefined
  const artifacts = items.length > 0 ? [] : step.artifacts
  const percent = Math.round(100 * step.progress)
  return (
    <div className="stage-row" data-step={stage} data-state={stateOf(step)}>
      <span className="row-icon" data-kind={view.kind}>
        <StageIcon name={view.icon} />
      </span>
      <div className="row-name">
        <h3 dir="auto">{view.title}</h3>
        <small className="faint" data-about="">
          {aboutWords(step, view)}
        </small>
      </div>
      <div className="row-body">
        {isBatch && (
          <p className="num" data-count-words="">
            {items.length > 0 ? itemCountWords(items, step.atWork) : view.expected}
          </p>
        )}
        <div className="set" data-media="">
          {artifacts.map((file) => (
            <Medium key={file.id} file={file} label={`${view.title}, result`} />
          ))}
        </div>
        {view.sides.length > 0 && <Comparison sides={view.sides} title={view.title} />}
        <p className="row-said" dir="auto">
          {view.said}
        </p>
        <ResultNotice madeBy={artifacts[0]?.madeBy} words={note} />
        <p className="cause" data-cause="">
          {step.error?.cause ?? ''}
        </p>
        {step.error?.code === REFUSED && <EditPrompt stage={stage} />}
      </div>
      <span data-status="">
        <StepPill status={stateOf(step)} percent={percent} />
      </span>
      <Took step={step} className="row-time num" />
    </div>
  )
}

/** A link to the prompt that the provider refused, in the editor, for the one whose draft it is. */
function EditPrompt({ stage }: { stage: string }) {
  const { template, isDraft } = usePage((state) => state.run.page.actions)
  if (!template || !isDraft) return null
  return (
    <a className="btn btn-s" href={`/t/${template}/edit?prompt=${encodeURIComponent(stage)}`}>
      <Pencil className="i" aria-hidden />
      Edit prompt
    </a>
  )
}

function Items({ stage }: { stage: string }) {
  const isBatch = usePage((state) => state.run.page.stages[stage]?.expected !== undefined)
  return isBatch ? <Batch stage={stage} /> : null
}
