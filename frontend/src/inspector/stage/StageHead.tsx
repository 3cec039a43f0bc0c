import { TriangleAlert } from 'lucide-react'
import { saidOf } from '../../chooser/providers'
import { type EditorState, useEditor } from '../../editor/store'
import { stageOf } from '../../graph/documentReaders'
import { useIsRunning, useStageResult, useStep, useStepQuote } from '../../run/store'
import { statusWords } from '../../run/words'
import { issuesOfStage, worst } from '../issues'
import { doerOfStage } from '../models/providers'

/** A stage's title, its work and its state. */
export function StageHead({ node }: { node: string }) {
  const title = useEditor((state) => state.wiring.nodes.get(node)?.title ?? node)
  const meta = useEditor((state) => state.wiring.nodes.get(node)?.meta ?? '')
  const by = useEditor((state) => doneBy(state, node))
  const id = useEditor((state) => stageOf(state.doc, node).id)
  const issues = useEditor((state) => state.issues)
  const isEditing = useEditor((state) => state.mode === 'edit')
  const isRunning = useIsRunning()
  const isBypassed = useEditor((state) => stageOf(state.doc, node).isBypassed)
  const result = useStageResult(node)
  const words = statusWords(useStep(node), useStepQuote(node), {
    isRunning,
    isEditing,
    ...(result ? { media: result.media } : {}),
  })
  const own = issuesOfStage(issues, id || node)
  const isBad = worst(own) === 'error'
  const isCalm = own.some((issue) => issue.isCalm)
  return (
    <>
      <div className="grow">
        <h2 className="clip" dir="auto">
          {title}
        </h2>
        <small className="clip">{meta}</small>
        {by !== '' && (
          <small className="clip" title={by}>
            {by}
          </small>
        )}
      </div>
      {isBypassed && !isRunning && !isBad ? (
        <span className="pill">Bypassed</span>
      ) : isBad && !isRunning ? (
        <span className="pill pill-bad">
          <TriangleAlert className="i" aria-hidden />
          Has errors
        </span>
      ) : isCalm && !isRunning ? (
        <span className="pill">To fill in</span>
      ) : (
        words.pill && (
          <span className={`pill ${words.tone === 'will' ? '' : words.tone}`} title={words.meta}>
            {words.tone === 'pill-live' && <span className="dot" />}
            {words.pill}
          </span>
        )
      )}
    </>
  )
}

/** Return who does the stage's work, by which model, as far as that is known before it runs. */
function doneBy({ doc, tools }: EditorState, node: string): string {
  const doer = doerOfStage(doc, tools, node)
  return doer ? saidOf(doer) : ''
}
