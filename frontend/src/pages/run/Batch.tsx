import { Film, Music } from 'lucide-react'
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react'
import { pressedKey } from '../../frame/press'
import { Blocked } from '../../run/shared/Blocked'
import type { StepState } from '../../run/shared/stepState'
import { Item } from './Item'
import { SmallPicture } from './Medium'
import { Glyph } from './Pill'
import { usePage } from './store'
import { tileAfterKey } from './tileKeys'
import { useLink } from './useLink'
import { useItems, useNote } from './useStep'
import { stateOf, tileName } from './words'

/** The items of a batch: a tile each, their details below. Arrows go from tile to tile. */
export function Batch({ stage }: { stage: string }) {
  const items = useItems(stage)
  const title = usePage((state) => state.run.page.stages[stage]?.title ?? stage)
  const place = useRef<HTMLDivElement>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const [isOpen, setOpen] = useState(false)
  const [stop, setStop] = useState(0)
  const [hoverKey, setHoverKey] = useState('')
  const show = (key: string | null, open = key !== null) => {
    setChosen(key)
    setOpen(open)
  }
  useLink(stage, show)
  useEffect(() => {
    if (!chosen) return
    const item = place.current?.querySelector(`[data-step="${CSS.escape(chosen)}"]`)
    item?.scrollIntoView({ block: 'nearest' })
  }, [chosen])

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !place.current) return
    const tiles = [...place.current.querySelectorAll<HTMLElement>('[data-tile]')]
    const here = tiles.indexOf(event.target as HTMLElement)
    if (here < 0) return
    const key = pressedKey(event)
    if (key === 'Escape' && chosen) show(null)
    if (key === ' ') tiles[here]?.click()
    const to = tileAfterKey(key, here, tiles)
    if (to === null && key !== ' ') return
    event.preventDefault()
    if (to === null || !tiles[to]) return
    setStop(to)
    tiles[to].focus()
  }
  return (
    <div className="batch" data-batch={stage} hidden={items.length === 0} ref={place}>
      <ul
        className="tiles"
        aria-label={`Inside ${title}`}
        onKeyDown={onKeyDown}
        onMouseOver={(event) => setHoverKey(keyAt(event.target))}
        onMouseOut={() => setHoverKey(keyAt(document.activeElement))}
        onFocus={(event) => setHoverKey(keyAt(event.target))}
        onBlur={() => setHoverKey('')}
      >
        {items.map((item, index) => (
          <li key={item.key}>
            <Tile
              item={item}
              isStop={index === Math.min(stop, items.length - 1)}
              isChosen={item.key === chosen}
              onChoose={() => {
                setStop(index)
                show(item.key === chosen ? null : item.key)
              }}
            />
          </li>
        ))}
      </ul>
      <p className="tile-tip" data-tip="" aria-hidden="true">
        {hoverKey && <TileName item={hoverKey} />}
      </p>
      <Details
        batch={stage}
        items={items}
        chosen={chosen}
        isOpen={isOpen}
        // With one item below, this shows the others too.
        onSummary={() => show(null, chosen !== null || !isOpen)}
      />
    </div>
  )
}

interface DetailsProps {
  batch: string
  items: readonly StepState[]
  chosen: string | null
  isOpen: boolean
  onSummary: () => void
}

function Details({ batch, items, chosen, isOpen, onSummary }: DetailsProps) {
  const onClick = (event: MouseEvent) => {
    event.preventDefault()
    onSummary()
  }
  return (
    <details className="items" open={isOpen}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a button */}
      <summary onClick={onClick}>Details of each</summary>
      <ol>
        {items.map((item) => (
          <Item
            key={item.key}
            item={item}
            batch={batch}
            isHidden={chosen !== null && item.key !== chosen}
            isChosen={item.key === chosen}
          />
        ))}
      </ol>
    </details>
  )
}

interface TileProps {
  item: StepState
  isStop: boolean
  isChosen: boolean
  onChoose: () => void
}

function Tile({ item, isStop, isChosen, onChoose }: TileProps) {
  const name = useTileName(item.key)
  const anchor = usePage((state) => anchorOf(state, item))
  const percent = item.status === 'running' ? Math.round(100 * item.progress) : 0
  return (
    <a
      className="tile"
      href={`#${anchor}`}
      data-tile={item.key}
      data-state={stateOf(item)}
      aria-label={name}
      aria-expanded={isChosen}
      tabIndex={isStop ? 0 : -1}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        onChoose()
      }}
    >
      <span className="tile-face">
        <Face item={item} percent={percent} />
      </span>
      <progress max={1} value={item.progress} aria-hidden="true" />
    </a>
  )
}

/** An item's result, or its state. */
function Face({ item, percent }: { item: StepState; percent: number }) {
  const file = item.artifacts[0]
  if (file?.isBlocked) return <Blocked />
  if (file?.kind === 'audio') return <Music className="i" aria-hidden />
  if (file)
    return (
      <>
        {file.kind === 'video' && <Film className="i" aria-hidden />}
        <SmallPicture file={file} />
      </>
    )
  if (percent > 0) return <>{`${percent}%`}</>
  return <Glyph status={stateOf(item)} />
}

function TileName({ item }: { item: string }) {
  return <bdi>{useTileName(item)}</bdi>
}

function useTileName(key: string): string {
  const note = useNote(key)
  const ofBatch = useNote(usePage(({ steps }) => steps[key]?.parent ?? ''))
  return usePage(({ run, steps }) => {
    const item = steps[key]
    return item ? tileName(item, run.page.stages[key]?.title ?? item.title, note, ofBatch) : ''
  })
}

/** Return the anchor of an item; one that came since the last answer has its place in the batch. */
function anchorOf({ run }: ReturnType<typeof usePage.getState>, item: StepState): string {
  return run.page.stages[item.key]?.anchor ?? `item-${item.key}`
}

function keyAt(target: EventTarget | null): string {
  const tile = target instanceof Element ? target.closest<HTMLElement>('[data-tile]') : null
  return tile?.dataset.tile ?? ''
}
