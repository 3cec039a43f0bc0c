import { Download, Image, RotateCcw, SquareArrowOutUpRight } from 'lucide-react'
import { Fragment, useState } from 'react'
import type { Medium } from '../api/schema'
import { useInspector } from '../editor/inspected'
import { editor, useEditor } from '../editor/store'
import { itemTitle } from '../graph/flow'
import { later } from '../parts/later'
import { showAsPreview } from './actions'
import { Compare } from './compare/Compare'
import { ItemList } from './ItemList'
import { Player } from './Player'
import { noticeWords } from './shared/notice'
import { ResultNotice } from './shared/ResultNotice'
import type { StepState } from './shared/stepState'
import { between, clock, lasting, moment } from './shared/time'
import { start } from './start'
import {
  type StageResult as Result,
  useItems,
  useRun,
  useStageResult,
  useStep,
  useWait,
} from './store'
import { Thumb } from './Thumb'
import { UseAsInput } from './UseAsInput'
import { reusedWords, statusWords, tries, whoseResult } from './words'

// Most runs ask nothing.
const AnswerForm = later(
  () => import('./answer/AnswerForm'),
  (found) => found.AnswerForm,
)

/** A stage's last result, to look at, with its facts and actions. */
export function StageResult({ stage }: { stage: string }) {
  const step = useStep(stage)
  const last = useStageResult(stage)
  const runId = useRun((state) => state.run?.id ?? '')
  const isMine = useRun((state) => state.run?.isMine ?? false)
  const whose = useRun(({ run }) => (run && step ? whoseResult(run, step) : ''))
  // What comes in while it works is to be seen before it is done.
  const isComing = step !== undefined && step.status !== 'completed' && step.artifacts.length > 0
  const result: Result | undefined = isComing
    ? { runId, isMine, whose, at: step.startedAt ?? '', step, media: step.artifacts }
    : last
  const title = useEditor((state) => state.wiring.nodes.get(stage)?.title ?? stage)
  const wait = useWait(stage)
  const items = useItems(stage)
  const chosen = useInspector((state) => state.item)
  const item = items.find((known) => known.key === chosen)
  if (items.length > 0 && !wait)
    return (
      <div className="result">
        <ItemList stage={stage} items={items} chosen={item?.key ?? null} />
        {item && (
          <Fragment key={item.key}>
            <h3 className="item-title">{itemTitle(item.label ?? '', item.index ?? 0)}</h3>
            <State step={item} />
            {item.artifacts.length > 0 && (
              <Made
                stage={stage}
                item={item.index}
                title={itemTitle(item.label ?? '', item.index ?? 0)}
                result={{
                  runId,
                  isMine,
                  whose,
                  at: item.finishedAt ?? '',
                  step: item,
                  media: item.artifacts,
                }}
              />
            )}
            {item.answer && (
              <blockquote className="answer-said" dir="auto">
                {item.answer}
              </blockquote>
            )}
          </Fragment>
        )}
      </div>
    )
  return (
    <div className="result">
      {wait && <AnswerForm key={wait.id} wait={wait} />}
      {wait && items.length > 0 && <ItemList stage={stage} items={items} chosen={null} />}
      {step && !wait && <State step={step} />}
      {step?.answer && (
        <blockquote className="answer-said" dir="auto">
          {step.answer}
        </blockquote>
      )}
      {wait ? null : result ? (
        (result.media.length > 0 || !step?.answer) && (
          <Made key={`${result.runId}/${stage}`} title={title} result={result} stage={stage} />
        )
      ) : (
        <p className="muted">Results will appear here.</p>
      )}
    </div>
  )
}

/** The reason that there is nothing new: it failed, was skipped or waits. */
function State({ step }: { step: StepState }) {
  if (step.status === 'failed') {
    return (
      <div className="note note-bad" role="alert">
        <div>
          <p>
            <strong>{step.error?.headline ?? 'Failed.'}</strong>
            {tries(step) > 1 ? ` ${tries(step)} attempts.` : ''}
          </p>
          {step.error?.cause && <p className="cause">{step.error.cause}</p>}
        </div>
        {!step.parent && (
          <button type="button" className="btn btn-s" onClick={() => void start({ to: step.key })}>
            <RotateCcw className="i i-12" aria-hidden />
            Retry
          </button>
        )}
      </div>
    )
  }
  if (step.status === 'completed') {
    return step.reusedFrom ? <p className="note note-reused">{reusedWords()}.</p> : null
  }
  return <p className="muted">{statusWords(step, undefined, { isRunning: true }).meta}</p>
}

interface MadeProps {
  stage: string
  /** The number of a batch's item that made it. */
  item?: number | undefined
  title: string
  result: Result
}

function Made({ stage, item, title, result }: MadeProps) {
  const [at, setAt] = useState(0)
  const { media, step } = result
  const current = media[Math.min(at, media.length - 1)]
  if (!current) return <p className="muted">Done. This stage makes no media.</p>
  const compare = <Compare stage={stage} medium={current} item={item} />
  const name = media.length > 1 ? `${title}, ${at + 1} of ${media.length}` : title
  return (
    <>
      {result.whose && <p className="muted">{result.whose}</p>}
      <Player medium={current} name={name} beside={compare} />
      {media.length > 1 && (
        <fieldset className="result-strip" aria-label="All results">
          {media.map((medium, index) => (
            <button
              key={medium.id}
              type="button"
              aria-current={medium === current || undefined}
              aria-label={`Show ${index + 1} of ${media.length}`}
              onClick={() => setAt(index)}
            >
              <Thumb medium={medium} />
            </button>
          ))}
        </fieldset>
      )}
      <Facts medium={current} step={step} at={result.at} />
      {!current.isBlocked && (
        <div className="result-actions">
          {compare}
          <a className="btn btn-s" href={`${current.url}&download=1`} download={current.filename}>
            <Download className="i i-12" aria-hidden />
            Download
          </a>
          <a className="btn btn-s" href={current.url} target="_blank" rel="noopener">
            <SquareArrowOutUpRight className="i i-12" aria-hidden />
            Open
          </a>
          {current.kind !== 'audio' && result.isMine && editor().canEdit && (
            <button
              type="button"
              className="btn btn-s"
              title="Show it on the template page"
              onClick={() => void showAsPreview(current.id)}
            >
              <Image className="i i-12" aria-hidden />
              Use as preview
            </button>
          )}
          {result.isMine && <UseAsInput medium={current} />}
        </div>
      )}
    </>
  )
}

function Facts({ medium, step, at }: { medium: Medium; step: StepState; at: string }) {
  const facts: [string, string][] = []
  if (medium.width && medium.height) facts.push(['Size', `${medium.width} × ${medium.height}`])
  if (medium.duration) facts.push(['Length', clock(medium.duration)])
  if (step.seed !== null) facts.push(['Seed', String(step.seed)])
  if (at) facts.push(['Created', moment(at)])
  if (step.startedAt && step.finishedAt && !step.reusedFrom)
    facts.push(['Duration', lasting(between(step.startedAt, step.finishedAt, 0))])
  return (
    <>
      <ResultNotice
        madeBy={medium.madeBy}
        words={noticeWords(medium, step.warnings ?? [])}
        look="note"
      />
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
