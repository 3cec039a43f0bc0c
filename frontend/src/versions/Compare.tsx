import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect } from 'react'
import { setMode } from '../editor/actions'
import { useEditor } from '../editor/store'
import { later } from '../parts/later'
import { ChangeList } from './ChangeList'
import { announce, step, useComparison, useCurrent } from './comparison'
import { FieldDiff } from './FieldDiff'
import { compare, comparing, useCompare } from './store'

// Phones show the list alone and need no graph.
const CompareCanvas = later(
  () => import('./CompareCanvas'),
  (found) => found.CompareCanvas,
)

/** Two sides of a template: what differs as a list, on the graph, and field by field. */
export function Compare() {
  const face = useEditor((state) => state.face)
  const base = useEditor((state) => state.base)
  const from = useCompare((state) => state.from)
  const to = useCompare((state) => state.to)
  const found = useComparison()
  const entries = found?.entries ?? []
  const current = useCurrent(entries)
  useEffect(() => {
    if (comparing().from !== undefined) return
    void compare(base.number, null).then((isThere) => !isThere && setMode('edit'))
  }, [base])
  // biome-ignore lint/correctness/useExhaustiveDependencies: other sides are other news.
  useEffect(announce, [from, to])
  const at = current ? entries.indexOf(current) + 1 : 0
  const hasGraph = face === 'canvas' && isWide()
  return (
    <>
      <ChangeList entries={entries} current={current} isOpen={found !== null} isMain={!hasGraph} />
      {hasGraph && (
        <main className="can cmp-can" id="main" aria-label="Differences">
          {found && <CompareCanvas comparison={found} current={current} />}
          <div className="legend" aria-hidden>
            {LEGEND.map(([is, word]) => (
              <span key={is}>
                <i className={`is-${is}`} />
                {word}
              </span>
            ))}
          </div>
          {current && (
            <div className="stepper" role="toolbar" aria-label="Changes">
              <button
                type="button"
                className="btn btn-s btn-bare btn-icon"
                aria-label="Previous change"
                title="Previous change · ["
                onClick={() => step(-1)}
              >
                <ArrowUp className="i" aria-hidden />
              </button>
              <span className="num">
                Change {at} of {entries.length}
              </span>
              <button
                type="button"
                className="btn btn-s btn-bare btn-icon"
                aria-label="Next change"
                title="Next change · ]"
                onClick={() => step(1)}
              >
                <ArrowDown className="i" aria-hidden />
              </button>
            </div>
          )}
        </main>
      )}
      {found && current && <FieldDiff comparison={found} entry={current} />}
    </>
  )
}

const LEGEND = [
  ['added', 'Added'],
  ['removed', 'Removed'],
  ['changed', 'Changed'],
  ['same', 'Same'],
] as const

/** Phones have no room for the graph beside the list. */
function isWide(): boolean {
  return window.innerWidth >= 760
}
