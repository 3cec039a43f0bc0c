import { ChevronDown, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useRef } from 'react'
import { select } from '../editor/actions'
import { showItem } from '../editor/inspected'
import { documentOf, editor, useEditor } from '../editor/store'
import { pressedKey } from '../frame/press'
import { itemTitle } from '../graph/flow'
import { useRowsInSight } from '../parts/useRowsInSight'
import type { Bar, Lane } from './geometry'
import { lasting } from './shared/time'
import { runs } from './store'

const BAR_CLASS: Readonly<Record<Bar['kind'], string>> = {
  done: 'bar-done',
  run: 'bar-run',
  fail: 'bar-fail',
  reuse: 'bar-reuse',
  wait: 'bar-wait',
  stop: 'bar-stop',
  est: 'bar-estimate',
}

interface LanesProps {
  /** The element that scrolls them. */
  view: RefObject<HTMLElement | null>
  lanes: readonly Lane[]
  span: number
  open: ReadonlySet<string>
  onFold: (key: string) => void
}

/** Each stage's bars; those of items below their batch, when it is unfolded. */
export function Lanes({ view, lanes, span, open, onFold }: LanesProps) {
  const list = useRef<HTMLOListElement>(null)
  const { from, to, above, below } = useRowsInSight(view, list, lanes.length)
  const onKeyDown = (event: KeyboardEvent<HTMLOListElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[pressedKey(event)]
    if (!step || !(event.target instanceof HTMLElement)) return
    const item = event.target.closest('li')
    const next = step > 0 ? item?.nextElementSibling : item?.previousElementSibling
    event.preventDefault()
    next?.querySelector('button')?.focus()
  }
  return (
    <ol ref={list} onKeyDown={onKeyDown} style={{ paddingTop: above, paddingBottom: below }}>
      {lanes.slice(from, to).map((lane, index) => (
        <Row
          key={lane.key}
          lane={lane}
          place={from + index + 1}
          of={lanes.length}
          span={span}
          isFirst={index === 0}
          isOpen={open.has(lane.key)}
          onFold={onFold}
        />
      ))}
    </ol>
  )
}

interface RowProps {
  lane: Lane
  place: number
  of: number
  span: number
  isFirst: boolean
  isOpen: boolean
  onFold: (key: string) => void
}

/** One stage, or one item. Only the selected row, else the first, is a stop of the Tab key. */
function Row({ lane, place, of, span, isFirst, isOpen, onFold }: RowProps) {
  const { key, parent } = lane
  const title = useEditor((state) => documentOf(state).wiring.nodes.get(key)?.title)
  const isSelected = useEditor((state) => state.selection.has(key))
  const isStop = useEditor((state) => (state.selection.size === 0 ? isFirst : isSelected))
  const step = runs().steps[key]
  const name = parent
    ? itemTitle(step?.label ?? '', step?.index ?? 0)
    : (title ?? step?.title ?? key)
  const Fold = isOpen ? ChevronDown : ChevronRight
  return (
    <li
      aria-current={isSelected || undefined}
      className={parent ? 'is-item' : undefined}
      aria-posinset={place}
      aria-setsize={of}
      data-stage={key}
    >
      <button
        type="button"
        tabIndex={isStop || isFirst ? 0 : -1}
        title={name}
        aria-expanded={lane.items > 0 ? isOpen : undefined}
        onClick={() => {
          const stage = parent ?? key
          if (lane.items > 0) onFold(key)
          if (parent) showItem(key)
          if (Object.hasOwn(editor().doc.stages.rows, stage)) select([stage])
        }}
      >
        {lane.items > 0 && <Fold className="i i-12" aria-hidden />}
        <bdi>{name}</bdi>
      </button>
      <div className="lane">
        {lane.bars.map((bar) => (
          <i
            key={`${bar.kind}${bar.from}`}
            className={BAR_CLASS[bar.kind]}
            title={`${lasting(bar.to - bar.from)}`}
            style={{
              left: `${(100 * bar.from) / span}%`,
              width: `${(100 * (bar.to - bar.from)) / span}%`,
            }}
          />
        ))}
      </div>
    </li>
  )
}
