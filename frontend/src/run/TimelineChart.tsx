import { type KeyboardEvent, memo, type PointerEvent, useMemo, useRef, useState } from 'react'
import { select } from '../editor/actions'
import { editor, useEditor } from '../editor/store'
import { titleOf } from '../graph/wiring'
import { type Bar, chartOf, type Lane } from './geometry'
import { isUnfinished, runs, useRun, type useRunFacts } from './store'
import { between, clock, lasting } from './time'
import { useNow } from './useNow'
import { statusWords } from './words'

type Facts = NonNullable<ReturnType<typeof useRunFacts>>

const MOST_ZOOM = 32
const BAR_CLASS: Readonly<Record<Bar['kind'], string>> = {
  done: 'b-done',
  run: 'b-run',
  fail: 'b-fail',
  reuse: 'b-reuse',
  wait: 'b-wait',
  stop: 'b-stop',
  est: 'b-est',
}

/** Lanes, ruler and the line that is now. */
export function TimelineChart({ run }: { run: Facts }) {
  const goesOn = isUnfinished(run)
  const now = useNow(goesOn, 500)
  // What is drawn depends on when stages begin and end, not on each step of their progress.
  const states = useRun((state) => run.order.map((key) => stateMark(state.steps[key])).join(''))
  const wiring = useEditor((state) => state.wiring)
  const [zoom, setZoom] = useState(1)
  const view = useRef<HTMLDivElement>(null)
  const chart = useMemo(() => {
    void states
    const { steps, quoteOf } = runs()
    const expected = (key: string) => quoteOf[key]?.seconds || null
    const sources = (key: string) => (wiring.into.get(key) ?? []).map((wire) => wire.source)
    return chartOf({ ...run, lastSeq: 0 }, steps, now, expected, sources)
  }, [run, states, now, wiring])
  const width = { width: `${100 * zoom}%` }
  const ticks = Array.from({ length: Math.round(chart.span / chart.tick) + 1 }, (_, at) => at)
  const place = (seconds: number) => `${(100 * seconds) / chart.span}%`
  return (
    <div
      className="gantt"
      ref={view}
      onWheel={(event) => {
        if (!event.ctrlKey) return
        setZoom((before) =>
          Math.min(MOST_ZOOM, Math.max(1, before * (event.deltaY < 0 ? 1.25 : 0.8))),
        )
      }}
      {...dragToPan(view)}
    >
      <div className="chart" style={width}>
        <div className="ruler" aria-hidden>
          {ticks.map((at) => (
            <span key={at} style={{ left: place(at * chart.tick) }}>
              {clock(at * chart.tick)}
            </span>
          ))}
          {ticks.map((at) => (
            <em key={at} style={{ left: place(at * chart.tick) }} />
          ))}
          {chart.now !== null && (
            <div className="now" style={{ left: place(chart.now) }} data-t={clock(chart.now)} />
          )}
        </div>
        <Lanes lanes={chart.lanes} span={chart.span} />
      </div>
      <RunTable run={run} states={states} />
    </div>
  )
}

/** `s` of a status, and how many tries there were. */
function stateMark(step: { status: string; attempts: unknown[] } | undefined): string {
  return step ? `${step.status.slice(0, 2)}${step.attempts.length}` : '-'
}

function Lanes({ lanes, span }: { lanes: readonly Lane[]; span: number }) {
  const onKeyDown = (event: KeyboardEvent<HTMLOListElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step || !(event.target instanceof HTMLElement)) return
    const item = event.target.closest('li')
    const next = step > 0 ? item?.nextElementSibling : item?.previousElementSibling
    event.preventDefault()
    next?.querySelector('button')?.focus()
  }
  return (
    <ol onKeyDown={onKeyDown}>
      {lanes.map((lane, index) => (
        <Row key={lane.key} lane={lane} span={span} isFirst={index === 0} />
      ))}
    </ol>
  )
}

/** One stage. Only the selected row, else the first, is a stop of the Tab key. */
function Row({ lane, span, isFirst }: { lane: Lane; span: number; isFirst: boolean }) {
  const { key } = lane
  const title = useEditor((state) => state.wiring.nodes.get(key)?.title)
  const isSelected = useEditor((state) => state.selection.has(key))
  const isStop = useEditor((state) => (state.selection.size === 0 ? isFirst : isSelected))
  const name = title ?? runs().steps[key]?.title ?? key
  return (
    <li aria-current={isSelected || undefined} data-stage={key}>
      <button
        type="button"
        tabIndex={isStop || isFirst ? 0 : -1}
        title={name}
        onClick={() => {
          if (Object.hasOwn(editor().doc.stages.rows, key)) select([key])
        }}
      >
        {name}
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

/** The same as a table, for those who do not see bars. */
const RunTable = memo(function RunTable({ run, states }: { run: Facts; states: string }) {
  void states
  const { wiring } = editor()
  const { steps } = runs()
  return (
    <table className="sr">
      <caption>Stages of the run</caption>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">State</th>
          <th scope="col">Tries</th>
          <th scope="col">Took</th>
        </tr>
      </thead>
      <tbody>
        {run.order.map((key) => {
          const step = steps[key]
          if (!step) return null
          const took =
            step.startedAt && step.finishedAt
              ? lasting(between(step.startedAt, step.finishedAt, 0))
              : ''
          return (
            <tr key={key}>
              <th scope="row">{titleOf(wiring, key)}</th>
              <td>{statusWords(step, undefined, { isRunning: true }).said}</td>
              <td>{step.attempts.length}</td>
              <td>{took}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
})

/** Handlers that scroll an element as it is dragged. */
function dragToPan(view: React.RefObject<HTMLDivElement | null>) {
  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      const element = view.current
      if (!element || event.button !== 0 || event.target instanceof HTMLButtonElement) return
      const from = { x: event.clientX + element.scrollLeft, y: event.clientY + element.scrollTop }
      const move = (moved: globalThis.PointerEvent) => {
        element.scrollLeft = from.x - moved.clientX
        element.scrollTop = from.y - moved.clientY
      }
      const end = () => {
        window.removeEventListener('pointermove', move)
        window.removeEventListener('pointerup', end)
        window.removeEventListener('pointercancel', end)
      }
      window.addEventListener('pointermove', move)
      window.addEventListener('pointerup', end)
      window.addEventListener('pointercancel', end)
    },
  }
}
