import { X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { editor, useEditor } from '../editor/store'
import { useRun } from '../run/store'

interface Step {
  title: string
  /** On the canvas, and in the outline, which phones show. */
  canvas: string
  outline: string
  /** The region it is about, which is marked. */
  region: string
}

const STEPS: readonly Step[] = [
  {
    title: 'Add a stage',
    canvas: 'Drag one from the palette on the left, or click it. Each stage makes one thing.',
    outline: 'Press Add a stage below the list. Each makes one thing.',
    region: '.palette, .outline',
  },
  {
    title: 'Connect it',
    canvas:
      'Drag from the dot on the right of a stage to a dot on the left of another. Dots of one color fit.',
    outline: 'Open a stage and choose where each of its inputs comes from.',
    region: '.work-area, .outline',
  },
  {
    title: 'Run it',
    canvas: 'Press Run and watch. Change something and run again: only what changed is made again.',
    outline:
      'Press Run and watch. Change something and run again: only what changed is made again.',
    region: '.run-button',
  },
]

/** Three steps to begin with: on a person's first visit to an empty canvas, and never again. */
export function FirstSteps() {
  const [at, setAt] = useState(isOfUse() ? 0 : STEPS.length)
  const count = useEditor(({ doc }) => doc.stages.order.length)
  const hasRun = useRun((state) => state.run !== null)
  const [before, setBefore] = useState(count)
  // Who has a whole draft at once, or runs, needs no more of them.
  const hasBegun = hasRun || (before === 0 && count > 1)
  if (count !== before || (hasBegun && at < STEPS.length)) {
    setBefore(count)
    if (hasBegun) setAt(STEPS.length)
  }
  const face = useEditor((state) => state.face)
  const step = STEPS[at]
  useEffect(() => {
    const regions = step ? [...document.querySelectorAll(step.region)] : []
    for (const region of regions) region.classList.add('is-pointed-at')
    return () => {
      for (const region of regions) region.classList.remove('is-pointed-at')
    }
  }, [step])
  if (!step) return null
  const isLast = at === STEPS.length - 1
  return (
    <section className="first-steps" aria-label="First steps">
      <div className="row">
        <small className="num">
          {at + 1} of {STEPS.length}
        </small>
        <button
          type="button"
          className="btn btn-s btn-bare btn-icon"
          aria-label="Skip the first steps"
          onClick={() => setAt(STEPS.length)}
        >
          <X className="i i-14" aria-hidden />
        </button>
      </div>
      <div aria-live="polite">
        <h2>{step.title}</h2>
        <p>{step[face]}</p>
      </div>
      <div className="row">
        {at > 0 && (
          <button type="button" className="btn btn-s btn-bare" onClick={() => setAt(at - 1)}>
            Back
          </button>
        )}
        <button type="button" className="btn btn-s btn-ink" onClick={() => setAt(at + 1)}>
          {isLast ? 'Done' : 'Next'}
        </button>
      </div>
    </section>
  )
}

/** On a canvas where nothing is yet. */
function isOfUse(): boolean {
  const { face, doc } = editor()
  return face === 'canvas' && doc.stages.order.length === 0
}
