import { memo, type PointerEvent, useMemo, useRef, useState } from 'react'
import { documentOf, editor, useEditor } from '../editor/store'
import { titleOf } from '../graph/wiring'
import { chartOf } from './geometry'
import { Lanes } from './Lanes'
import { gateOf } from './shared/batches'
import { between, clock, lasting } from './shared/time'
import { useNow } from './shared/useNow'
import { isUnfinished, runs, useRun, type useRunFacts } from './store'
import { statusWords } from './words'

type Facts = NonNullable<ReturnType<typeof useRunFacts>>

const MOST_ZOOM = 32
/** Lanes, ruler and the line that is now. */
export function TimelineChart({ run }: { run: Facts }) {
  const goesOn = isUnfinished(run)
  const now = useNow(goesOn, 500)
  // What is drawn depends on when stages begin and end, not on each step of their progress.
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const states = useRun((state) => statesOf(state, run.order))
  const wiring = useEditor((state) => documentOf(state).wiring)
  const [zoom, setZoom] = useState(1)
  const view = useRef<HTMLDivElement>(null)
  const chart = useMemo(() => {
    void states
    const { steps, quoteOf } = runs()
    const secondsOf = (key: string) => quoteOf[key]?.seconds || null
    const sources = (key: string) => (wiring.into.get(key) ?? []).map((wire) => wire.source)
    const { items = {} } = runs().run ?? {}
    return chartOf({ ...run, items, lastSeq: 0 }, steps, now, secondsOf, sources, open)
  }, [run, states, now, wiring, open])
  const fold = (key: string) => {
    const next = new Set(open)
    if (!next.delete(key)) next.add(key)
    setOpen(next)
  }
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
        <Lanes view={view} lanes={chart.lanes} span={chart.span} open={open} onFold={fold} />
      </div>
      <RunTable run={run} states={states} />
    </div>
  )
}

/** Everything that moves bars: of stages, their checkpoints and their items. */
function statesOf({ run, steps }: ReturnType<typeof runs>, order: readonly string[]): string {
  return order
    .map((key) => {
      const items = run?.items?.[key]?.map((item) => stateMark(steps[item])).join('') ?? ''
      return `${stateMark(steps[key])}${steps[gateOf(key)]?.status === 'waiting' ? 'w' : ''}${items}`
    })
    .join(' ')
}

/** `s` of a status, and how many tries there were. */
function stateMark(step: { status: string; attempts: unknown[] } | undefined): string {
  return step ? `${step.status.slice(0, 2)}${step.attempts.length}` : '-'
}

/** The same as a table, for those who do not see bars. */
const RunTable = memo(function RunTable({ run, states }: { run: Facts; states: string }) {
  void states
  const { wiring } = documentOf(editor())
  const { steps } = runs()
  return (
    <table className="visually-hidden">
      <caption>Stages of the run</caption>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">State</th>
          <th scope="col">Attempts</th>
          <th scope="col">Duration</th>
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
