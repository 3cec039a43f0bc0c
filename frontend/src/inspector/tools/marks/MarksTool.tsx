import { type KeyboardEvent, useRef, useState } from 'react'
import { endGesture, redo, undo } from '../../../editor/actions'
import type { Point } from '../../../editor/store'
import { shortcutKeys } from '../../../frame/press'
import { ToolDialog } from '../../../parts/mediaTool/ToolDialog'
import type { Size } from '../../../parts/mediaTool/view'
import type { Source } from '../../../run/source'
import type { ByHandProps } from '../control'
import { useEditMedium } from '../editMedium'
import { NoSource } from '../NoSource'
import { type Doing, PictureStage } from '../PictureStage'
import { MarkOnPicture } from './MarkOnPicture'
import { MarksPanel } from './MarksPanel'
import { boxBetween, type Mark, type MarkId, markWords, pointAt } from './shapes'
import { type Marked, useMarks } from './useMarks'

const TITLE = 'Select in image'
const BY_FINGER = 'Tap to include. Choose “Exclude” to leave things out. Drag to draw a box.'
const BY_MOUSE = 'Click to include, Alt-click to exclude. Drag to draw a box.'
/** A press that went less far, in CSS pixels, was a click. */
const CLICK = 5

export type Hand = 'on' | 'off' | 'box'

/** Click to include or exclude what is at a point, or draw a box around it. */
export function MarksTool({ node, tool, onClose }: ByHandProps) {
  const picture = tool.ports[0]
  const work = useEditMedium(node, tool, picture?.name ?? '')
  const { source, lack } = work.result
  if (!source)
    return (
      <ToolDialog title={TITLE} onClose={onClose}>
        {lack && <NoSource lack={lack} kind="image" onPick={work.choose} />}
      </ToolDialog>
    )
  return <Marks node={node} source={source} onClose={onClose} />
}

/** Undo, Redo, and Remove for what is chosen. */
const KEYS = ['z', 'y', 'Delete', 'Backspace']

function Marks({ node, source, onClose }: { node: string; source: Source; onClose: () => void }) {
  const state = useMarks(node)
  const [size, setSize] = useState<Size | null>(null)
  const [hand, setHand] = useState<Hand>('on')
  const [chosen, setChosen] = useState<MarkId | null>(null)
  const [message, setMessage] = useState('')

  const add = (mark: Mark) => {
    if (!state.canAdd(mark.type)) {
      setMessage(`You've reached the limit of ${mark.type === 'box' ? 'boxes' : 'points'}.`)
      return
    }
    const at = state.marks[mark.type].length
    state.add(mark)
    setChosen({ type: mark.type, at })
    setMessage(`${markWords(mark, at)}. Added.`)
  }

  const drawing = useDrawing(size, hand, add)

  const onKey = (event: KeyboardEvent) => {
    const key = shortcutKeys(event).find((one) => KEYS.includes(one))
    if ((event.ctrlKey || event.metaKey) && (key === 'z' || key === 'y')) {
      if (key === 'z' && !event.shiftKey) undo()
      else redo()
      event.preventDefault()
    } else if (chosen && (key === 'Delete' || key === 'Backspace')) {
      state.remove(chosen)
      setChosen(null)
      setMessage('Removed.')
      event.preventDefault()
    }
  }

  return (
    <ToolDialog
      title={TITLE}
      about={matchMedia('(pointer: coarse)').matches ? BY_FINGER : BY_MOUSE}
      onKey={onKey}
      onClose={onClose}
      foot={<Foot marked={state} said={message} onClose={onClose} />}
    >
      <div className="tool-split">
        <div className="tool-main">
          <PictureStage
            source={source}
            size={size}
            onSize={setSize}
            className="is-cross"
            label="Image. Move with arrow keys, add with Enter."
            holdsKey={hand === 'box'}
            {...drawing.doing}
          >
            {(scale) => {
              drawing.scale.current = scale
              if (!size) return null
              return (
                <>
                  <OnPicture {...{ marked: state, size, scale, chosen }} onChoose={setChosen} />
                  {drawing.drawn && <Drawn mark={drawing.drawn} />}
                </>
              )
            }}
          </PictureStage>
        </div>
        <MarksPanel
          marked={state}
          hand={hand}
          onHand={setHand}
          chosen={chosen}
          onChoose={setChosen}
          onAdd={add}
        />
      </div>
    </ToolDialog>
  )
}

interface FootProps {
  marked: Marked
  said: string
  onClose: () => void
}

function Foot({ marked, said, onClose }: FootProps) {
  const count = marked.marks.point.length + marked.marks.box.length
  return (
    <>
      <span className="tool-said">
        <span className="visually-hidden" role="status">
          {said}
        </span>
        {count === 0 ? 'Nothing selected yet.' : countWords(marked)}
      </span>
      <button type="button" className="btn btn-ink" onClick={onClose}>
        Done
      </button>
    </>
  )
}

/** Let presses and drags on a picture add marks: a point at a press, a box along a drag. */
function useDrawing(size: Size | null, hand: Hand, onAdd: (mark: Mark) => void) {
  const [draft, setDraft] = useState<Mark | null>(null)
  const press = useRef<{ from: Point; to: Point; isOff: boolean; scale: number } | null>(null)
  /** CSS pixels per pixel of the picture. */
  const scale = useRef(1)
  const fraction = ({ x, y }: Point): Point =>
    size ? { x: x / size.width, y: y / size.height } : { x: 0, y: 0 }

  const isDrag = () => {
    const { current } = press
    if (!current) return false
    const { from, to } = current
    return Math.hypot(to.x - from.x, to.y - from.y) * current.scale > CLICK
  }

  const up = () => {
    const { current } = press
    const isBox = isDrag()
    press.current = null
    setDraft(null)
    if (!current || !size) return
    const isOutside = ({ x, y }: Point) => x < 0 || y < 0 || x > size.width || y > size.height
    if (isBox) {
      const box = boxBetween(fraction(current.from), fraction(current.to), current.isOff)
      if (box) onAdd(box)
    } else if (hand !== 'box' && !isOutside(current.from))
      onAdd(pointAt(fraction(current.from), current.isOff))
  }
  const doing: Doing = {
    down: (at, { isOther, isShift }) => {
      const isOff = hand === 'off' || isOther || isShift
      press.current = { from: at, to: at, isOff, scale: scale.current }
    },
    move: (at) => {
      const { current } = press
      if (!current) return
      current.to = at
      const box = isDrag() ? boxBetween(fraction(current.from), fraction(at), current.isOff) : null
      setDraft(box)
    },
    up,
    cancel: () => {
      press.current = null
      setDraft(null)
    },
  }
  return { drawn: draft, doing, scale }
}

interface OnPictureProps {
  marked: Marked
  size: Size
  scale: number
  chosen: MarkId | null
  onChoose: (mark: MarkId) => void
}

/** All marks; points lie over boxes. */
function OnPicture({ marked, size, scale, chosen, onChoose }: OnPictureProps) {
  return (['box', 'point'] as const).flatMap((type) =>
    marked.marks[type].map((mark, at) => (
      <MarkOnPicture
        // biome-ignore lint/suspicious/noArrayIndexKey: it has no other name.
        key={`${type}${at}`}
        mark={mark}
        at={at}
        size={size}
        scale={scale}
        isChosen={chosen?.type === type && chosen.at === at}
        onChoose={() => onChoose({ type, at })}
        onChange={(next) => marked.change({ type, at }, next, true)}
        onDone={endGesture}
        onTurn={() => marked.change({ type, at }, { ...mark, isOff: !mark.isOff })}
      />
    )),
  )
}

function countWords({ marks }: Marked): string {
  const words = (count: number, one: string, many: string) =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]
  return [
    ...words(marks.point.length, 'point', 'points'),
    ...words(marks.box.length, 'box', 'boxes'),
  ].join(', ')
}

/** A box on its way. */
function Drawn({ mark }: { mark: Mark }) {
  return (
    <span
      className={`mark-box${mark.isOff ? ' is-off' : ''}`}
      style={{
        left: `${mark.x * 100}%`,
        top: `${mark.y * 100}%`,
        width: `${mark.width * 100}%`,
        height: `${mark.height * 100}%`,
      }}
    />
  )
}
