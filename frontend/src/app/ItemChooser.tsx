import { useEffect, useRef } from 'react'
import type { Crumb } from '../api/schema'
import { useEditor } from '../editor/store'
import { stageOf } from '../graph/documentReaders'
import { itemTitle } from '../graph/flow'
import { elementsOf, opening } from '../run/elements'
import type { StepState } from '../run/shared/stepState'
import { useItems, useRun } from '../run/store'
import { TileFace } from '../run/TileFace'
import { itemWords } from '../run/words'

interface Props {
  batch: Crumb
  /** The key of the element that is open, or of the batch while none is. */
  chosen: string
}

/** The items of the repeated stage that is open: the one that is chosen is drawn. */
export function ItemChooser() {
  const inside = useEditor((state) => state.inside)
  if (!inside) return null
  const { path, around } = inside
  const at = path.findLastIndex((crumb) => crumb.isElement)
  const batch = at > 0 ? path[at - 1] : path.at(-1)
  const chosen = at > 0 ? path[at] : batch
  const isRepeated = around.doc.stages.order.some(
    (key) => stageOf(around.doc, key).id === path[0]?.key && around.wiring.nodes.get(key)?.repeats,
  )
  // Elements of an earlier run may be of a stage that is repeated no more.
  if (!batch || !chosen || (path.length === 1 && !isRepeated)) return null
  return <Items batch={batch} chosen={chosen.key} />
}

function Items({ batch, chosen }: Props) {
  const items = useItems(batch.key)
  const run = useRun((state) => state.run?.id ?? null)
  const shownRun = useEditor((state) => state.inside?.run ?? null)
  const first = useRun((state) => elementsOf(state, batch.key)[0])
  const isThere = items.some(({ key }) => key === chosen)
  // Another run has other values, and maybe not that element.
  const next = isThere ? (shownRun === run ? undefined : chosen) : first
  useEffect(() => {
    if (next !== undefined) change(chosen, next, run)
  }, [next, chosen, run])
  if (first === undefined) return null
  return (
    <fieldset className="item-chooser">
      <legend className="visually-hidden">Item of {batch.title}</legend>
      {items.map((item) => (
        <Item
          key={item.key}
          item={item}
          isChosen={item.key === chosen}
          onChoose={() => change(chosen, item.key, run)}
        />
      ))}
    </fieldset>
  )
}

function change(from: string, to: string, run: string | null): void {
  void opening((code) => code.changeElement(from, to, run))
}

function Item({
  item,
  isChosen,
  onChoose,
}: {
  item: StepState
  isChosen: boolean
  onChoose: () => void
}) {
  const label = useRef<HTMLLabelElement>(null)
  useEffect(() => {
    if (isChosen) label.current?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' })
  }, [isChosen])
  const words = itemWords(item)
  return (
    <label ref={label} title={words}>
      <input
        type="radio"
        name="item"
        className="visually-hidden"
        aria-label={words}
        checked={isChosen}
        onChange={onChoose}
      />
      <span className={`tile is-${item.status}`}>
        <TileFace item={item} />
      </span>
      <small className="clip" dir="auto">
        {itemTitle(item.label ?? '', item.index ?? 0)}
      </small>
    </label>
  )
}
