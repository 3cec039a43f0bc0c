import { CircleAlert, RotateCw, Square } from 'lucide-react'
import { useEffect } from 'react'
import type { GuestQuestion, GuestRun, GuestStage, Turn } from '../../api/schema'
import { announce, announceNow } from '../../run/shared/announce'
import { ResultNotice } from '../../run/shared/ResultNotice'
import type { Reply } from '../../run/shared/replies'
import { isFinal } from '../../run/shared/status'
import { TurnCard } from '../turn/TurnCard'
import type { Answer } from './client'
import { Earlier } from './Earlier'
import { Results } from './Results'
import { type Follower, useShown } from './store'

interface Props {
  follower: Follower
  open: (id: string) => Promise<void>
  /** Back to the form, as it was. */
  again: () => void
}

/** The run that is shown, and the earlier ones of this browser. */
export function Runs({ follower, open, again }: Props) {
  const { run, history, isLost, problem } = useShown()
  return (
    <>
      {run && (
        <section className="app-now" aria-labelledby="run-state">
          <Head run={run} isLost={isLost} />
          {problem && (
            <p className="note note-bad" role="alert">
              <CircleAlert className="i" aria-hidden />
              {problem}
            </p>
          )}
          {run.failure && <Failure failure={run.failure} />}
          {run.question && (
            <TurnCard
              key={run.question.id}
              turn={turnOf(run.question)}
              action=""
              isPart
              onReply={(reply) => sendReply(follower, run, reply)}
            />
          )}
          <Results outputs={run.outputs} isAtWork={!isFinal(run.status) && !run.question} />
          <ResultNotice words={run.notice ?? ''} look="app-said" />
          {run.stages && run.stages.length > 0 && <Stages stages={run.stages} />}
          <div className="app-do">
            {isFinal(run.status) ? (
              <button className="btn btn-l" type="button" onClick={again}>
                <RotateCw className="i" aria-hidden />
                Run again
              </button>
            ) : (
              <button
                className="btn btn-bare btn-bad"
                type="button"
                onClick={() => void follower.stop()}
              >
                <Square className="i i-fill i-14" aria-hidden />
                Stop
              </button>
            )}
          </div>
        </section>
      )}
      {!run && <p className="app-empty">Your result appears here.</p>}
      <Earlier runs={history.filter(({ id }) => id !== run?.id)} open={open} />
    </>
  )
}

function Head({ run, isLost }: { run: GuestRun; isLost: boolean }) {
  const words = wordsOf(run)
  useEffect(() => {
    if (isFinal(run.status)) announceNow(words)
    else announce(words)
  }, [run.status, words])
  const { doneCount, stageCount } = run
  return (
    <header className="app-state">
      <h2 id="run-state" tabIndex={-1} data-status={run.status}>
        {words}
      </h2>
      {!isFinal(run.status) && (
        <>
          <p className="app-count num">
            {isLost ? 'Reconnecting, nothing is lost.' : `${doneCount} of ${stageCount} done`}
          </p>
          <progress
            className="app-progress"
            max={Math.max(stageCount, 1)}
            value={doneCount}
            aria-label="Progress"
          />
        </>
      )}
    </header>
  )
}

function wordsOf({ status, waitsFor, question }: GuestRun): string {
  switch (status) {
    case 'completed':
      return 'Done'
    case 'partial_failure':
      return 'Partly done'
    case 'failed':
      return 'Failed'
    case 'cancelled':
      return 'Stopped'
    case 'waiting_for_user':
      return waitsFor === 'author' && !question ? 'Waiting for the author' : 'Waiting for you'
    case 'running':
      return 'Running'
    default:
      return 'Starting'
  }
}

function Failure({ failure }: { failure: NonNullable<GuestRun['failure']> }) {
  const { code, message, reference } = failure
  return (
    <div className={code === 'stopped' ? 'note' : 'note note-bad'} data-failure={code}>
      <CircleAlert className="i" aria-hidden />
      <p>
        {message}
        {code !== 'stopped' && (
          <span className="app-reference">
            Reference: <code>{reference}</code>
          </span>
        )}
      </p>
    </div>
  )
}

const STAGE_WORDS: Readonly<Record<string, string>> = {
  running: 'Running',
  waiting: 'Waiting',
  completed: 'Done',
  failed: 'Failed',
  skipped: 'Skipped',
  cancelled: 'Stopped',
}

function Stages({ stages }: { stages: readonly GuestStage[] }) {
  return (
    <ol className="app-stages" aria-label="Stages">
      {stages.map(({ title, status }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a run's stages keep their order.
        <li key={at} data-status={status}>
          <span className="grow" dir="auto">
            {title}
          </span>
          <span className="faint">{STAGE_WORDS[status] ?? 'Not started'}</span>
        </li>
      ))}
    </ol>
  )
}

async function sendReply(follower: Follower, run: GuestRun, reply: Reply): Promise<void> {
  const answer = answerOf(reply)
  if (run.question && answer) await follower.answer(run.question.id, answer)
}

function answerOf(reply: Reply): Answer | null {
  switch (reply.type) {
    case 'text':
    case 'complete':
      return { text: reply.text }
    case 'picked':
      return { choices: reply.ids.map(Number) }
    case 'approve':
      return { approve: true }
    default:
      return null
  }
}

/** A question as the run page's card asks it. Its choices are named by their positions. */
function turnOf({ id, kind, text, choices, least, most }: GuestQuestion): Turn {
  const candidates = choices.map(({ kind, url }, at) => ({
    id: String(at + 1),
    kind,
    url,
    posterUrl: null,
    label: `${at + 1} of ${choices.length}`,
  }))
  return {
    id: String(id),
    kind,
    heading: text,
    candidates,
    least,
    most,
    isWide: choices.length > 2,
    asksOnly: true,
    ...NOTHING,
  }
}

const NOTHING = {
  step: '',
  stage: '',
  text: '',
  place: '',
  words: [],
  approve: '',
  decline: '',
  job: null,
  canLink: false,
  problem: '',
  picked: [],
  typed: '',
}
