import { usePage } from './store'
import { useList } from './useStep'
import { stateOf } from './words'

/** Beyond this many, the strip shows shares instead of a bar with a name for each stage. */
const MOST_NAMED = 40

/** A bar for each stage. */
export function Strip() {
  const order = useList((state) => state.run.page.order)
  const isNamed = order.length <= MOST_NAMED
  return (
    <>
      {order.map((key) => (
        <Bar key={key} stage={key} isNamed={isNamed} />
      ))}
    </>
  )
}

function Bar({ stage, isNamed }: { stage: string; isNamed: boolean }) {
  const step = usePage((state) => state.steps[stage])
  const title = usePage((state) => state.run.page.stages[stage]?.title ?? stage)
  if (!step) return null
  const part = step.status === 'running' ? step.progress : 0
  return (
    <li data-bar={stage} data-state={stateOf(step)}>
      <progress max={1} value={step.status === 'completed' ? 1 : part} aria-label={title} />
      {isNamed && (
        <span className="clip" dir="auto" aria-hidden="true">
          {title}
        </span>
      )}
    </li>
  )
}
