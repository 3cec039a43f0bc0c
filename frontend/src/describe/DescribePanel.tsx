import { Sparkles, X } from 'lucide-react'
import { useEffect } from 'react'
import { runCommand } from '../editor/commands'
import { useEditor } from '../editor/store'
import { makeAgain } from './asking'
import { Composer } from './Composer'
import { keptPlan } from './planRow'
import { look, refuse } from './proposal'
import { READY, STALE, useDescribe } from './store'

/** Over the canvas, and never in the way of it: the box for a change, or a proposal that waits. */
export function DescribePanel() {
  const isOpen = useDescribe((state) => state.isOpen || state.since !== null)
  const isWaiting = useDescribe((state) => state.proposed !== null && !state.isShown)
  const isStale = useDescribe((state) => state.stale !== null && state.since === null)
  const mode = useEditor((state) => state.mode)
  // A template without stages has a box of its own.
  const isBlank = useEditor(({ doc }) => doc.stages.order.length === 0)
  if (mode === 'compare') return null
  if (isWaiting || isStale) return <Waiting isStale={!isWaiting} />
  return isOpen && !isBlank ? <Box /> : null
}

function Box() {
  const hasPlan = useEditor(({ doc }) => keptPlan(doc) !== null)
  useEffect(() => {
    const before = document.activeElement
    return () => {
      // What had the keyboard before, unless something else has it by now.
      const { activeElement, body } = document
      if (activeElement !== null && activeElement !== body) return
      const isThere = before instanceof HTMLElement && before.isConnected && before !== body
      const next = isThere ? before : document.getElementById('main')
      next?.focus()
    }
  }, [])
  const close = () => useDescribe.setState({ isOpen: false, problem: '' })
  return (
    <section className="describe-panel" aria-label="Change it">
      <header>
        <h2 className="grow">Change it</h2>
        {hasPlan && (
          <button type="button" className="btn btn-s btn-bare" onClick={() => runCommand('plan')}>
            Change the plan
          </button>
        )}
        <button
          type="button"
          className="btn btn-s btn-bare btn-icon"
          aria-label="Close"
          title="Close (Esc)"
          onClick={close}
        >
          <X className="i" aria-hidden />
        </button>
      </header>
      <Composer verb="Change it" isFocused onClose={close} />
    </section>
  )
}

/** stale: the proposal is for a draft that has changed since. */
function Waiting({ isStale }: { isStale: boolean }) {
  return (
    <section className="describe-panel is-waiting row" aria-label="Proposal">
      <Sparkles className="i i-14" aria-hidden />
      <span className="grow">{isStale ? STALE : READY}</span>
      <button type="button" className="btn btn-s" onClick={refuse}>
        Refuse
      </button>
      <button
        type="button"
        className="btn btn-s btn-ink"
        onClick={isStale ? () => void makeAgain() : look}
      >
        {isStale ? 'Make it again' : 'Review'}
      </button>
    </section>
  )
}
