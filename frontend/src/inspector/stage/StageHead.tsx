import { TriangleAlert } from 'lucide-react'
import { useEditor } from '../../editor/store'
import { stageOf } from '../../graph/records'
import { useIsRunning, useStageResult, useStep, useStepQuote } from '../../run/store'
import { statusWords } from '../../run/words'
import { issuesOfStage, worst } from '../issues'

/** What a stage is called, what it does, and how it stands. */
export function StageHead({ node }: { node: string }) {
  const title = useEditor((state) => state.wiring.nodes.get(node)?.title ?? node)
  const meta = useEditor((state) => state.wiring.nodes.get(node)?.meta ?? '')
  const id = useEditor((state) => stageOf(state.doc, node).id)
  const issues = useEditor((state) => state.issues)
  const isEditing = useEditor((state) => state.mode === 'edit')
  const isRunning = useIsRunning()
  const result = useStageResult(node)
  const words = statusWords(useStep(node), useStepQuote(node), {
    isRunning,
    isEditing,
    ...(result ? { media: result.media } : {}),
  })
  const isBad = worst(issuesOfStage(issues, id || node)) === 'error'
  return (
    <>
      <div className="grow">
        <h2 className="clip">{title}</h2>
        <small className="clip">{meta}</small>
      </div>
      {isBad && !isRunning ? (
        <span className="pill pill-bad">
          <TriangleAlert className="i" aria-hidden />
          Not valid
        </span>
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
