import { useState } from 'react'
import type { Json } from '../../api/schema'
import { isObject, own, row } from '../../document/ops'
import { useEditor } from '../../editor/store'
import { Player } from '../Player'
import { useRun } from '../store'
import { Thumb } from '../Thumb'
import type { AskProps } from './answers'
import { Stop } from './Stop'

/** A stage is done and waits to be approved. */
export function Checkpoint({ wait, isBusy, onReply }: AskProps) {
  const { candidates, stage } = wait
  const [at, setAt] = useState(0)
  const record = useEditor((state) => row(state.doc, 'stages', stage ?? ''))
  const title = useEditor((state) => state.wiring.nodes.get(stage ?? '')?.title ?? '')
  const answer = useRun((state) => state.steps[stage ?? '']?.answer ?? '')
  const candidate = candidates[Math.min(at, candidates.length - 1)]
  const looks = [...textsOf(record, 'reviewFocus'), ...textsOf(record, 'successCriteria')]
  return (
    <>
      <p className="answer-asks" dir="auto">
        {wait.message || `Approve ${title || 'this'}?`}
      </p>
      {candidate && <Player medium={candidate} name={title} />}
      {!candidate && answer && (
        <blockquote className="answer-said" dir="auto">
          {answer}
        </blockquote>
      )}
      {candidates.length > 1 && (
        <fieldset className="result-strip" aria-label="All results">
          {candidates.slice(0, 24).map((medium, index) => (
            <button
              key={medium.id}
              type="button"
              aria-current={medium === candidate || undefined}
              aria-label={`Show ${index + 1} of ${candidates.length}`}
              onClick={() => setAt(index)}
            >
              <Thumb medium={medium} />
            </button>
          ))}
        </fieldset>
      )}
      {looks.length > 0 && (
        <ul className="answer-looks">
          {looks.map((text) => (
            <li key={text} dir="auto">
              {text}
            </li>
          ))}
        </ul>
      )}
      <div className="answer-actions">
        <Stop isBusy={isBusy} onReply={onReply} />
        <button
          type="button"
          className="btn"
          aria-disabled={isBusy}
          onClick={() => onReply({ type: 'redo' })}
        >
          Redo
        </button>
        <button
          type="button"
          className="btn btn-wait"
          aria-busy={isBusy}
          onClick={() => onReply({ type: 'approve' })}
        >
          Approve
        </button>
      </div>
    </>
  )
}

function textsOf(record: Json | undefined, field: string): string[] {
  const value = isObject(record) ? own(record, field) : undefined
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : []
}
