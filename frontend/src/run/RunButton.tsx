import { LoaderCircle, Play, Square } from 'lucide-react'
import { useState } from 'react'
import { toast } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { useEditor } from '../editor/store'
import { pressedKey } from '../frame/press'
import { whyNotNow } from './start'
import { isMyRunOn, useRun } from './store'
import { useQuoteWords } from './useQuoteWords'
import { plainWords } from './words'

/** So long after Stop took its place, a press on it was meant for Run. */
const SETTLE_MS = 500

/** Run, the one lamp on the screen; Stop while a run of mine goes on. */
export function RunButton() {
  const isRunning = useRun(isMyRunOn)
  const busy = useRun((state) => state.busy)
  const words = useQuoteWords()
  const hasStages = useEditor((state) => state.doc.stages.order.length > 0)
  if (isRunning) return <StopButton settleMs={SETTLE_MS} />
  // Where the bar is too narrow for the quote, the button still says the price.
  const price = words ? `${plainWords(words)} (Ctrl Enter)` : 'Run (Ctrl Enter)'
  const isStarting = busy === 'starting'
  const Glyph = isStarting ? LoaderCircle : Play
  return (
    <button
      type="button"
      className="btn btn-s btn-lamp run-button"
      aria-busy={isStarting}
      aria-disabled={isStarting || !hasStages}
      title={hasStages ? price : 'Add a stage to run this template.'}
      // The key that accepts a proposal is not yet let go when this has the keys.
      onKeyDown={(event) => {
        if (event.repeat && pressedKey(event) === 'Enter') event.preventDefault()
      }}
      onClick={() => {
        const reason = whyNotNow()
        if (reason === null) runCommand('run')
        else if (!isStarting) toast(reason)
      }}
    >
      <Glyph className={`i i-12${isStarting ? '' : ' i-fill'}`} aria-hidden />
      Run
    </button>
  )
}

/** The button that stops a run, for its starter and the template's owner. settleMs: so long after
 * it is shown a press does nothing. */
export function StopButton({ settleMs = 0 }: { settleMs?: number }) {
  const [shownAt] = useState(() => performance.now())
  const busy = useRun((state) => state.busy)
  const Glyph = busy === 'stopping' ? LoaderCircle : Square
  return (
    <button
      type="button"
      className="btn btn-s btn-bad run-button"
      aria-busy={busy === 'stopping'}
      title="Stop run (Shift .). Finished stages are kept."
      onClick={() => {
        if (performance.now() - shownAt >= settleMs) runCommand('stop')
      }}
    >
      <Glyph className={`i i-12${busy === 'stopping' ? '' : ' i-fill'}`} aria-hidden />
      Stop
    </button>
  )
}
