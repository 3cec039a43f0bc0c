import { type FormEvent, useState } from 'react'
import type { Wait } from '../../api/schema'
import { documentOf, useEditor } from '../../editor/store'
import { titleOf } from '../../graph/wiring'
import { unitWords } from '../shared/credits'
import { NamedJob } from '../shared/NamedJob'
import type { Reply } from '../shared/replies'
import { type AskProps, reply } from './answers'
import { Checkpoint } from './Checkpoint'
import { Pick } from './Pick'
import { Question } from './Question'
import { Stop } from './Stop'

/** The question of a run, and the form to answer it. onDone: it was taken. */
export function AnswerForm({ wait, onDone }: { wait: Wait; onDone?: (() => void) | undefined }) {
  const [isBusy, setBusy] = useState(false)
  const title = useEditor((state) =>
    wait.stage === null ? '' : titleOf(documentOf(state).wiring, wait.stage),
  )
  const onReply = async (said: Reply) => {
    if (isBusy) return
    setBusy(true)
    const isTaken = await reply(wait, said)
    setBusy(false)
    if (isTaken) onDone?.()
  }
  const props = { wait, isBusy, onReply: (said: Reply) => void onReply(said) }
  return (
    <section className="answer" aria-label={title ? `Your turn: ${title}` : 'Your turn'}>
      {wait.place && <p className="muted">{wait.place}</p>}
      {wait.type === 'question' && <Question {...props} />}
      {wait.type === 'pick' && <Pick {...props} />}
      {wait.type === 'checkpoint' && <Checkpoint {...props} />}
      {wait.type === 'cost' && <Cost {...props} />}
      {wait.type === 'go-on' && <GoOn {...props} />}
      {wait.type === 'credit' && <Credit {...props} />}
    </section>
  )
}

function Cost({ wait, isBusy, onReply }: AskProps) {
  const units = wait.units === null ? '' : unitWords(wait.units)
  return (
    <>
      <p className="answer-asks">
        {wait.message || `This run needs ${units || 'more than you approved'}.`}
      </p>
      <div className="answer-actions">
        <Stop isBusy={isBusy} onReply={onReply} />
        <button
          type="button"
          className="btn btn-wait"
          aria-busy={isBusy}
          onClick={() => onReply({ type: 'approve' })}
        >
          {units ? `Spend ${units}` : 'Approve cost'}
        </button>
      </div>
    </>
  )
}

function Credit({ wait, isBusy, onReply }: AskProps) {
  return (
    <>
      <p className="answer-asks">{wait.message || 'Not enough credits to continue.'}</p>
      <div className="answer-actions">
        <Stop isBusy={isBusy} onReply={onReply} />
        <button
          type="button"
          className="btn btn-wait"
          aria-busy={isBusy}
          onClick={() => onReply({ type: 'approve' })}
        >
          Retry
        </button>
      </div>
    </>
  )
}

function GoOn({ wait, isBusy, onReply }: AskProps) {
  return (
    <>
      <p className="answer-asks">{wait.message || 'This may have been charged already.'}</p>
      {wait.job && (
        <form onSubmit={(event) => nameJob(event, onReply)}>
          <NamedJob job={wait.job} name={wait.id} />
        </form>
      )}
      <div className="answer-actions">
        {/* Where not sending again ends the run, one way to stop is enough. */}
        {wait.decline !== 'Stop' && <Stop isBusy={isBusy} onReply={onReply} />}
        <button type="button" className="btn" onClick={() => onReply({ type: 'decline' })}>
          {wait.decline || "Don't retry"}
        </button>
        <button
          type="button"
          className="btn btn-wait"
          aria-busy={isBusy}
          onClick={() => onReply({ type: 'approve' })}
        >
          {wait.approve || 'Retry'}
        </button>
      </div>
    </>
  )
}

function nameJob(event: FormEvent<HTMLFormElement>, onReply: AskProps['onReply']) {
  event.preventDefault()
  const id = String(new FormData(event.currentTarget).get('jobId') ?? '').trim()
  if (id) onReply({ type: 'job', id })
}
