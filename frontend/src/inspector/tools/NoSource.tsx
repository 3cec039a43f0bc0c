import { ImagePlus, Play } from 'lucide-react'
import { useState } from 'react'
import type { MediaKind } from '../../api/schema'
import { useEditor } from '../../editor/store'
import type { Lack } from '../../run/source'
import { start, whyNotNow } from '../../run/start'
import { useRun, useStep } from '../../run/store'
import { statusWords } from '../../run/words'
import { A_KIND, KIND_WORDS } from '../../uploads/upload'
import { MediaPicker } from '../media/LatePicker'
import type { Picked } from '../media/picked'

interface Props {
  lack: Lack
  kind: Exclude<MediaKind, 'model'>
  onPick: (picked: Picked) => void
}

/** There is nothing to work on yet: why, and what to do about it. */
export function NoSource({ lack, kind, onPick }: Props) {
  const [isPicking, setPicking] = useState(false)
  return (
    <div className="tool-none">
      <p>{reason(lack, kind)}</p>
      <span className="row">
        {lack.type === 'unrun' && <RunBefore stage={lack.stage} title={lack.title} />}
        <button type="button" className="btn" onClick={() => setPicking(true)}>
          <ImagePlus className="i" aria-hidden />
          Choose {A_KIND[kind]}
        </button>
      </span>
      {lack.type === 'unrun' && (
        <p className="help">
          A file you choose is only used here. The stage still gets the result of {lack.title}.
        </p>
      )}
      {isPicking && <MediaPicker kind={kind} onClose={() => setPicking(false)} onPick={onPick} />}
    </div>
  )
}

function reason(lack: Lack, kind: MediaKind): string {
  const none = `No ${KIND_WORDS[kind]} yet.`
  const choose = `choose ${kind === 'audio' ? 'a file' : 'one'}`
  switch (lack.type) {
    case 'nothing':
      return `${none} ${capitalize(choose)}, or connect a stage that makes ${kind === 'audio' ? 'it' : 'one'}.`
    case 'unrun':
      return `${none} Run ${lack.title}, or ${choose}.`
    case 'empty':
      return `${lack.title} has no test value. Choose ${A_KIND[kind]}.`
    case 'elsewhere':
      return `This ${KIND_WORDS[kind]} is a URL and loads with the run. Choose a file to work on it now.`
  }
}

function capitalize(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
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
