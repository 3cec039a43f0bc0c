import { Eye, RotateCw } from 'lucide-react'
import { type MouseEvent, useState } from 'react'
import { ResultNotice } from '../../run/shared/ResultNotice'
import type { StepState } from '../../run/shared/stepState'
import { Comparison } from '../parts/Comparison'
import { Action } from './Action'
import { Medium } from './Medium'
import { StepPill } from './Pill'
import { chooseFile, isOver, usePage } from './store'
import { Took } from './Took'
import { useLink } from './useLink'
import { useItems, useNote, useView } from './useStep'
import { aboutWords, itemCountWords, stateOf } from './words'

interface Props {
  item: StepState
  batch: string
  isHidden: boolean
  isChosen: boolean
}

/** The details of an item. */
export function Item({ item, batch, isHidden, isChosen }: Props) {
  const view = useView(item.key)
  const note = useNote(item.key)
  const title = view?.title ?? item.title
  const percent = Math.round(100 * item.progress)
  return (
    <li
      className="item"
      id={view?.anchor ?? `item-${item.key}`}
      data-step={item.key}
      data-item-of={batch}
      data-state={stateOf(item)}
      hidden={isHidden}
    >
      <div className="item-head">
        <h4 tabIndex={-1} dir="auto">
          {title}
        </h4>
        <span data-status="">
          <StepPill status={stateOf(item)} percent={percent} />
        </span>
        <Took step={item} className="num faint" />
      </div>
      <p className="item-about faint" data-about="">
        {aboutWords(item, view)}
      </p>
      <p className="row-said" dir="auto">
        {view?.said ?? ''}
      </p>
      <ResultNotice madeBy={item.artifacts[0]?.madeBy} words={note} />
      <p className="cause" data-cause="">
        {item.error?.cause ?? ''}
      </p>
      <div className="item-media" data-media="">
        {item.artifacts.map((file) => (
          <Medium key={file.id} file={file} label={`${title}, result`} isLazy={!isChosen} />
        ))}
      </div>
      {view && view.sides.length > 0 && <Comparison sides={view.sides} title={title} />}
      <Inside element={item} />
      <div className="item-do">
        <Enlarge item={item} />
        <Retry item={item} batch={batch} />
      </div>
    </li>
  )
}

/** The stages of an element of a batch over a template; open where one failed or asks. */
function Inside({ element }: { element: StepState }) {
  const items = useItems(element.key)
  const [choice, setChoice] = useState<boolean | null>(null)
  useLink(element.key, () => setChoice(true))
  if (items.length === 0) return null
  const isOpen = choice ?? items.some(({ status }) => status === 'failed' || status === 'waiting')
  const onClick = (event: MouseEvent) => {
    event.preventDefault()
    setChoice(!isOpen)
  }
  return (
    <details className="items" open={isOpen}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a button */}
      <summary onClick={onClick}>{`Stages, ${itemCountWords(items, element.atWork)}`}</summary>
      <ol>
        {items.map((item) => (
          <Item key={item.key} item={item} batch={element.key} isHidden={false} isChosen={isOpen} />
        ))}
      </ol>
    </details>
  )
}

/** An item's result fits its fold; on the screen it is as large as the page allows. */
function Enlarge({ item }: { item: StepState }) {
  const file = item.artifacts[0]
  const isSeen = file !== undefined && !file.isBlocked && file.kind !== 'audio'
  const enlarge = () => {
    if (!file) return
    chooseFile(file.id)
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
    document
      .querySelector('[data-screen]')
      ?.scrollIntoView({ block: 'center', behavior: isStill ? 'auto' : 'smooth' })
  }
  return (
    <button className="btn btn-s" type="button" hidden={!isSeen} onClick={enlarge}>
      <Eye className="i" aria-hidden />
      Enlarge
    </button>
  )
}

/** It tries all items again that failed. */
function Retry({ item, batch }: { item: StepState; batch: string }) {
  const mayAct = usePage((state) => state.run.page.actions.mayAct)
  const failures = usePage((state) =>
    isOver(state) ? (state.steps[batch]?.counts?.failed ?? 0) : 0,
  )
  if (item.status !== 'failed' || failures === 0 || !mayAct) return null
  return (
    <Action to="resume" icon={RotateCw} look="btn-s">
      {failures > 1 ? `Retry ${failures} failed` : 'Retry'}
    </Action>
  )
}
