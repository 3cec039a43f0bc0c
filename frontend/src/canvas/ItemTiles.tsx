import { memo, useState } from 'react'
import { itemTitle } from '../graph/flow'
import { NODE_WIDTH, previewHeight } from '../graph/geometry'
import type { WiringNode } from '../graph/wiring'
import { tilingOf } from '../run/shared/batches'
import type { StepState } from '../run/shared/stepState'
import { TileFace } from '../run/TileFace'
import { itemWords } from '../run/words'
import { inspectItem } from './nodeActions'

const MARGIN = 8

/** The items of a batch on its node, one tile each: what it made, or how it is. */
export const ItemTiles = memo(function ItemTiles({
  node,
  items,
}: {
  node: WiringNode
  items: readonly StepState[]
}) {
  const [at, setAt] = useState<StepState | null>(null)
  const height = previewHeight(node.kind) - 2 * MARGIN
  const tiling = tilingOf(items.length, NODE_WIDTH - 2 * MARGIN, height)
  const more = items.length - tiling.shown
  const focusItem = at && items.find((item) => item.key === at.key)
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a grid */}
      <div
        className="tiles"
        role="group"
        aria-label={`Inside ${node.title}`}
        style={{
          gridTemplateColumns: `repeat(${tiling.columns}, 1fr)`,
          gridTemplateRows: `repeat(${tiling.rows}, 1fr)`,
        }}
      >
        {items.slice(0, tiling.shown).map((item) => (
          <button
            key={item.key}
            type="button"
            // The inspector lists them for the keyboard; on the canvas a node is one stop.
            tabIndex={-1}
            className={`tile is-${item.status}`}
            aria-label={itemWords(item)}
            onPointerEnter={() => setAt(item)}
            onPointerLeave={() => setAt(null)}
            onFocus={() => setAt(item)}
            onBlur={() => setAt(null)}
            onClick={(event) => {
              event.stopPropagation()
              inspectItem(node.id, item.key)
            }}
          >
            <TileFace item={item} />
          </button>
        ))}
        {more > 0 && (
          <button
            type="button"
            tabIndex={-1}
            className="tile tile-more"
            aria-label={`${more} more items of ${node.title}`}
            onClick={(event) => {
              event.stopPropagation()
              inspectItem(node.id, null)
            }}
          >
            +{more}
          </button>
        )}
      </div>
      {focusItem && (
        <p className={`tile-tip${focusItem.status === 'failed' ? ' is-bad' : ''}`} aria-hidden>
          <b dir="auto">{itemTitle(focusItem.label ?? '', focusItem.index ?? 0)}</b>{' '}
          {tipOf(focusItem)}
        </p>
      )}
    </>
  )
})

function tipOf(item: StepState): string {
  const words = itemWords(item)
  const cut = words.indexOf(': ')
  return cut < 0 ? '' : words.slice(cut + 2)
}
