import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ComponentType } from 'react'
import { useEditor } from '../editor/store'
import { later } from '../parts/later'
import { step, useComparison, useCurrent } from './comparison'
import type { Entry } from './entries'
import { FieldDiff } from './FieldDiff'

// Phones show the list of versions' changes alone and need no graph.
const CompareCanvas = later(
  () => import('./CompareCanvas'),
  (found) => found.CompareCanvas,
)

export interface ListProps {
  entries: readonly Entry[]
  current: Entry | null
  /** Both sides have been read. */
  isOpen: boolean
  /** No graph is beside it. */
  isMain: boolean
}

interface Props {
  list: ComponentType<ListProps>
  /** The graph is shown on phones as well. */
  hasGraphOnPhones?: boolean
}

/** The present comparison: as a list, on the graph, and field by field. */
export function Differences({ list: List, hasGraphOnPhones = false }: Props) {
  const face = useEditor((state) => state.face)
  const comparison = useComparison()
  const entries = comparison?.entries ?? []
  const current = useCurrent(entries)
  const at = current ? entries.indexOf(current) + 1 : 0
  const hasGraph = isWide() ? face === 'canvas' : hasGraphOnPhones
  return (
    <>
      <List entries={entries} current={current} isOpen={comparison !== null} isMain={!hasGraph} />
      {hasGraph && (
        <main className="work-area compare-canvas" id="main" aria-label="Differences">
          {comparison && <CompareCanvas comparison={comparison} current={current} />}
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
      {comparison && current && <FieldDiff comparison={comparison} entry={current} />}
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
