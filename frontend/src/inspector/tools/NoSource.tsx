import { ImagePlus, Play } from 'lucide-react'
import { useState } from 'react'
import { useEditor } from '../../editor/store'
import { start, whyNotNow } from '../../run/start'
import { useRun, useStep } from '../../run/store'
import { statusWords } from '../../run/words'
import type { MediaKind } from '../../types'
import { MediaPicker } from '../media/LatePicker'
import type { Picked } from '../media/picked'
import { KIND_WORDS } from '../media/uploading'
import type { Lack } from './source'

interface Props {
  lack: Lack
  kind: Exclude<MediaKind, 'model'>
  /** What is done here with a medium: "draw on". */
  verb: string
  onPick: (picked: Picked) => void
}

/** There is nothing to work on yet: why, and both ways to get it. */
export function NoSource({ lack, kind, verb, onPick }: Props) {
  const [isPicking, setPicking] = useState(false)
  const what = KIND_WORDS[kind]
  return (
    <div className="tool-none">
      <p>{reason(lack, what, verb)}</p>
      <span className="row">
        {lack.is === 'unrun' && <RunBefore stage={lack.stage} title={lack.title} />}
        <button type="button" className="btn" onClick={() => setPicking(true)}>
          <ImagePlus className="i" aria-hidden />
          Choose a {what}
        </button>
      </span>
      {lack.is === 'unrun' && (
        <p className="help">
          A {what} that you choose is only to {verb}: the stage still gets what {lack.title} makes.
        </p>
      )}
      {isPicking && <MediaPicker kind={kind} onClose={() => setPicking(false)} onPick={onPick} />}
    </div>
  )
}

function reason(lack: Lack, what: string, verb: string): string {
  switch (lack.is) {
    case 'nothing':
      return `There is no ${what} to ${verb} yet. Choose one, or connect what makes one.`
    case 'unrun':
      return `There is no ${what} to ${verb} yet. Run ${lack.title} once, or choose a ${what}.`
    case 'empty':
      return `${lack.title} is empty. Choose a ${what} to try it with.`
    case 'elsewhere':
      return `The ${what} lies at another address and comes here with the run. Choose the file to ${verb} it now.`
  }
}

function RunBefore({ stage, title }: { stage: string; title: string }) {
  const step = useStep(stage)
  const isStarting = useRun((state) => state.busy === 'starting')
  // Why it cannot start depends on both.
  useRun((state) => state.run?.status)
  useEditor((state) => state.canEdit)
  const isGoing = step?.status === 'running' || step?.status === 'ready'
  if (isGoing)
    return (
      <span role="status">
        {statusWords(step, undefined, { isRunning: true }).meta || 'Running'}
      </span>
    )
  const why = whyNotNow()
  return (
    <button
      type="button"
      className="btn btn-lamp"
      aria-disabled={why !== null || isStarting || undefined}
      title={why ?? `Run up to ${title}`}
      onClick={() => void start({ to: stage })}
    >
      <Play className="i i-fill" aria-hidden />
      Run {title}
    </button>
  )
}
