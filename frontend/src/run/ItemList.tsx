import { RotateCcw } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { showItem } from '../editor/inspected'
import { pressedKey } from '../frame/press'
import { itemTitle } from '../graph/flow'
import { openElement } from './elements'
import { canTryAgain, tryAgain } from './retry'
import { countItems, countWords } from './shared/batches'
import type { StepState } from './shared/stepState'
import { useRun } from './store'
import { TileFace } from './TileFace'
import { itemWords } from './words'

interface Props {
  stage: string
  items: readonly StepState[]
  chosen: string | null
}

/**
 * The items of a batch: what each is called and how it is. Choosing one shows its result; of a batch
 * over a template, the stages of that element.
 */
export function ItemList({ stage, items, chosen }: Props) {
  const canRetry = useRun((state) => canTryAgain(state.run))
  const counts = countItems(items)
  return (
    <>
      <div className="item-head">
        <p className="num">
          <strong>{countWords(counts)}</strong>
        </p>
        {counts.failed > 0 && canRetry && (
          <button type="button" className="btn btn-s" onClick={() => void tryAgain()}>
            <RotateCcw className="i i-12" aria-hidden />
            {counts.failed === 1 ? 'Retry 1 failed item' : `Retry ${counts.failed} failed items`}
          </button>
        )}
      </div>
      <ul className="item-list" data-batch={stage} onKeyDown={walk}>
        {items.map((item) => (
          <li key={item.key}>
            <button
              type="button"
              aria-current={item.key === chosen || undefined}
              aria-label={itemWords(item)}
              title={itemWords(item)}
              onClick={() =>
                openElement(item.key) || showItem(item.key === chosen ? null : item.key)
              }
            >
              <span className={`tile is-${item.status}`}>
                <TileFace item={item} />
              </span>
              <small className="clip" dir="auto">
                {itemTitle(item.label ?? '', item.index ?? 0)}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Arrows go from item to item. */
function walk(event: KeyboardEvent<HTMLUListElement>): void {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[pressedKey(event)]
  if (by === undefined) return
  const all = [...event.currentTarget.querySelectorAll('button')]
  const at = all.indexOf(document.activeElement as HTMLButtonElement)
  event.preventDefault()
  all[at + by]?.focus()
}
