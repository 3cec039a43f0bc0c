import { useState } from 'react'
import { STEP_STATUS_WORDS } from '../../api/words'
import type { StepState } from '../../run/shared/stepState'
import { useNow } from '../../run/shared/useNow'
import { isOver, usePage } from './store'
import { barsOf, type Span } from './timelineBars'
import { useItems, useStep } from './useStep'
import { stateOf, tookWords } from './words'

/** The times at which each stage worked. */
export function Timeline() {
  const order = usePage((state) => state.run.page.order)
  const over = usePage(isOver)
  const steps = usePage((state) => state.steps)
  const now = useNow(!over)
  const span = barsOf(Object.values(steps), now)
  return (
    <>
      {order.map((key) => (
        <Stage key={key} stage={key} span={span} />
      ))}
    </>
  )
}

interface StageProps {
  stage: string
  span: Span
}

function Stage({ stage, span }: StageProps) {
  const step = useStep(stage)
  const view = usePage((state) => state.run.page.stages[stage])
  const title = view?.title ?? stage
  if (!step) return null
  return (
    <>
      <Track step={step} title={title} span={span} />
      {view?.expected !== undefined && <ItemTracks stage={stage} title={title} span={span} />}
    </>
  )
}

function ItemTracks({ stage, title, span }: StageProps & { title: string }) {
  const items = useItems(stage)
  const titles = usePage((state) => state.run.page.stages)
  // Of hundreds of items only those that are unfolded are drawn ever again.
  const [lastSpan, setLastSpan] = useState(span)
  const [isOpen, setOpen] = useState(false)
  const visibleSpan = isOpen ? span : lastSpan
  return (
    <li className="tracks" hidden={items.length === 0}>
      <details
        onToggle={(event) => {
          setLastSpan(span)
          setOpen(event.currentTarget.open)
        }}
      >
        <summary>
          Inside <bdi>{title}</bdi>
        </summary>
        <ol className="timeline">
          {items.map((item) => (
            <Track
              key={item.key}
              step={item}
              title={titles[item.key]?.title ?? item.title}
              span={visibleSpan}
            />
          ))}
        </ol>
      </details>
    </li>
  )
}

function Track({ step, title, span }: { step: StepState; title: string; span: Span }) {
  const took = tookWords(step, span.now)
  const bar = span.bars.get(step.key)
  return (
    <li data-track={step.key} data-state={stateOf(step)}>
      <span className="clip" dir="auto">
        {title}
      </span>
      <svg
        className="track"
        viewBox="0 0 1000 10"
        preserveAspectRatio="none"
        role="img"
        aria-label={took || STEP_STATUS_WORDS[stateOf(step)]}
      >
        <rect x={bar?.x ?? 0} y={0} width={bar?.width ?? 0} height={10} />
      </svg>
      <span className="num faint">{took}</span>
    </li>
  )
}
