import { useEffect, useState } from 'react'
import { act, toast } from '../editor/actions'
import { editor, useEditor } from '../editor/store'
import { setSeed } from '../graph/edits/fields'
import { look, stepsOf } from './lines'
import type { StepState } from './shared/stepState'
import { moment } from './shared/time'
import { useRun } from './store'
import { Thumb } from './Thumb'
import { statusWords } from './words'

const AT_ONCE = 6

/** A stage's results of earlier runs: look at one, or take over its seed. */
export function StageRuns({ stage }: { stage: string }) {
  const rows = useRun((state) => state.history.rows)
  const shownRun = useRun((state) => state.run?.id)
  const [count, setCount] = useState(AT_ONCE)
  if (rows.length === 0)
    return <p className="muted result">Not run yet. Earlier results will be kept here.</p>
  return (
    <div className="result">
      <ul className="runs-list">
        {rows.slice(0, count).map((row) => (
          <Entry
            key={row.id}
            stage={stage}
            runId={row.id}
            at={row.createdAt}
            isShown={row.id === shownRun}
          />
        ))}
      </ul>
      {rows.length > count && (
        <button type="button" className="btn btn-s" onClick={() => setCount(count + AT_ONCE)}>
          Earlier results
        </button>
      )}
    </div>
  )
}

interface EntryProps {
  stage: string
  runId: string
  at: string
  isShown: boolean
}

function Entry({ stage, runId, at, isShown }: EntryProps) {
  const live = useRun((state) => (isShown ? state.steps[stage] : undefined))
  const reading = useStepOf(runId, stage)
  const step = live ?? reading
  const canEdit = useEditor((state) => state.canEdit)
  if (step === 'reading') return <li className="muted">Loading…</li>
  if (step === null) return null
  const words = statusWords(step, undefined, { isRunning: true })
  const medium = step.artifacts[0]
  const { seed } = step
  return (
    <li aria-current={isShown || undefined}>
      <button type="button" onClick={() => void look(runId)} title="Show this run on the canvas">
        <span className="runs-thumb">{medium && <Thumb medium={medium} />}</span>
        <strong className="num">{moment(at)}</strong>
        <small>{[words.pill, words.meta].filter(Boolean).join('. ')}</small>
      </button>
      {seed !== null && canEdit && (
        <button
          type="button"
          className="btn btn-s"
          title={`Seed ${seed}`}
          onClick={() => {
            if (act(setSeed(editor().doc, stage, seed))) toast(`Using seed ${seed} again.`)
            else toast('Already using this seed.')
          }}
        >
          Use this seed
        </button>
      )}
    </li>
  )
}

/** A stage's step in a run; null when that run left it out. */
function useStepOf(runId: string, stage: string): StepState | 'reading' | null {
  const [step, setStep] = useState<StepState | 'reading' | null>('reading')
  useEffect(() => {
    let isWanted = true
    stepsOf(runId).then(
      (followed) => isWanted && setStep(followed.steps[stage] ?? null),
      () => isWanted && setStep(null),
    )
    return () => {
      isWanted = false
    }
  }, [runId, stage])
  return step
}
