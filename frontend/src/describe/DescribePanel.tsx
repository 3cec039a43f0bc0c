import { Sparkles, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useEditor } from '../editor/store'
import { Composer } from './Composer'
import { look, refuse } from './proposal'
import { useDescribe } from './store'

/** Over the canvas, and never in the way of it: the box for a change, or a proposal that waits. */
export function DescribePanel() {
  const isOpen = useDescribe((state) => state.isOpen || state.since !== null)
  const isWaiting = useDescribe((state) => state.proposed !== null && !state.isShown)
  const mode = useEditor((state) => state.mode)
  // A template without stages has a box of its own.
  const isBlank = useEditor(({ doc }) => doc.stages.order.length === 0)
  if (mode === 'compare') return null
  if (isWaiting) return <Waiting />
  return isOpen && !isBlank ? <Box /> : null
}

function Box() {
  const before = useRef<Element | null>(null)
  const hasText = useDescribe((state) => state.brief !== '')
  useEffect(() => {
    before.current = document.activeElement
    return () => {
      // What had the keyboard before, unless something else has it by now.
      const at = document.activeElement
      const element = before.current
      if (at !== null && at !== document.body) return
      if (element instanceof HTMLElement && element.isConnected && element !== document.body)
        element.focus()
      else document.getElementById('main')?.focus()
    }
  }, [])
  const close = () => useDescribe.setState({ isOpen: false, problem: '' })
  return (
    <section className="describe-panel" aria-label="Change it" data-text={hasText}>
      <header>
        <h2 className="grow">Change it</h2>
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

function Waiting() {
  return (
    <section className="describe-panel is-waiting" aria-label="Proposal">
      <Sparkles className="i i-14" aria-hidden />
      <span className="grow">A proposal is ready.</span>
      <button type="button" className="btn btn-s" onClick={refuse}>
        Refuse
      </button>
      <button type="button" className="btn btn-s btn-ink" onClick={look}>
        Review
      </button>
    </section>
  )
}
