import { type KeyboardEvent, useRef, useState } from 'react'
import { endGesture, redo, undo } from '../../../editor/actions'
import { type Point, useEditor } from '../../../editor/store'
import { argumentSlot } from '../../stage/argument'
import type { ByHandProps } from '../control'
import { NoSource } from '../NoSource'
import { PictureStage } from '../PictureStage'
import type { Source } from '../source'
import { ToolDialog } from '../ToolDialog'
import type { Size } from '../view'
import { useWorkOn } from '../workOn'
import { MarkOnPicture } from './MarkOnPicture'
import { MarksPanel } from './MarksPanel'
import {
  boxBetween,
  type Mark,
  type MarkId,
  markWords,
  otherThan,
  pointAt,
  readMarks,
  writeMark,
} from './shapes'

const TITLE = 'Select in image'
/** How many a tool takes at most, where its schema does not say. */
const MOST = { point: 32, box: 16 }
/** A press that went less far, in CSS pixels, was a click. */
const CLICK = 5

export type Hand = 'on' | 'off' | 'box'

/** Click to include or exclude what is at a point, or draw a box around it. */
export function MarksTool({ node, tool, onClose }: ByHandProps) {
  const picture = tool.ports[0]
  const work = useWorkOn(node, tool, picture?.name ?? '')
  const { source, lack } = work.found
  if (!source)
    return (
      <ToolDialog title={TITLE} onClose={onClose}>
        {lack && <NoSource lack={lack} kind="image" onPick={work.choose} />}
      </ToolDialog>
    )
  return <Marks node={node} source={source} onClose={onClose} />
}

/** The marks of a stage, and how they are changed: through the document, so Undo knows them. */
export function useMarks(node: string) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const slots = {
    point: argumentSlot(doc, tools, node, 'points', 'Points'),
    box: argumentSlot(doc, tools, node, 'boxes', 'Boxes'),
  }
  const marks = {
    point: readMarks('point', slots.point.value),
    box: readMarks('box', slots.box.value),
  }
  const write = (type: Mark['type'], next: readonly Mark[], burst = false) => {
    const all = [...next.map(writeMark), ...otherThan(type, slots[type].value)]
    slots[type].write(all.length > 0 ? all : undefined, { burst })
  }
  return {
    marks,
    /** Bound to something, or full: none can be added. */
    canAdd: (type: Mark['type']) =>
      typeof slots[type].value !== 'string' && marks[type].length < MOST[type],
    add: (mark: Mark) => write(mark.type, [...marks[mark.type], mark]),
    change: ({ type: is, at }: MarkId, mark: Mark, burst = false) =>
      write(
        is,
        marks[is].map((one, place) => (place === at ? mark : one)),
        burst,
      ),
    remove: ({ type: is, at }: MarkId) =>
      write(
        is,
        marks[is].filter((_, place) => place !== at),
      ),
    clear: () => {
      if (marks.point.length > 0) write('point', [])
      if (marks.box.length > 0) write('box', [])
    },
  }
}

export type Marked = ReturnType<typeof useMarks>

function Marks({ node, source, onClose }: { node: string; source: Source; onClose: () => void }) {
  const marked = useMarks(node)
  const [size, setSize] = useState<Size | null>(null)
  const [hand, setHand] = useState<Hand>('on')
  const [chosen, setChosen] = useState<MarkId | null>(null)
  const [said, setSaid] = useState('')
  const [drawn, setDrawn] = useState<Mark | null>(null)
  const press = useRef<{ from: Point; to: Point; isOff: boolean; scale: number } | null>(null)
  const scaleNow = useRef(1)

  const fraction = ({ x, y }: Point): Point =>
    size ? { x: x / size.width, y: y / size.height } : { x: 0, y: 0 }

  const add = (mark: Mark) => {
    if (!marked.canAdd(mark.type)) {
      setSaid(`You've reached the limit of ${mark.type === 'box' ? 'boxes' : 'points'}.`)
      return
    }
    const at = marked.marks[mark.type].length
    marked.add(mark)
    setChosen({ type: mark.type, at })
    setSaid(`${markWords(mark, at)}. Added.`)
  }

  const isDrag = () => {
    const { current } = press
    if (!current) return false
    const { from, to, scale } = current
    return Math.hypot(to.x - from.x, to.y - from.y) * scale > CLICK
  }

  const up = () => {
    const { current } = press
    const isBox = isDrag()
    press.current = null
    setDrawn(null)
    if (!current || !size) return
    const isOutside = ({ x, y }: Point) => x < 0 || y < 0 || x > size.width || y > size.height
    if (isBox) {
      const box = boxBetween(fraction(current.from), fraction(current.to), current.isOff)
      if (box) add(box)
    } else if (hand !== 'box' && !isOutside(current.from))
      add(pointAt(fraction(current.from), current.isOff))
  }

  const onKey = (event: KeyboardEvent) => {
    const key = event.key.toLowerCase()
    if ((event.ctrlKey || event.metaKey) && (key === 'z' || key === 'y')) {
      if (key === 'z' && !event.shiftKey) undo()
      else redo()
      event.preventDefault()
    } else if (chosen && (event.key === 'Delete' || event.key === 'Backspace')) {
      marked.remove(chosen)
      setChosen(null)
      setSaid('Removed.')
      event.preventDefault()
    }
  }

  const count = marked.marks.point.length + marked.marks.box.length
  return (
    <ToolDialog
      title={TITLE}
      about={
        matchMedia('(pointer: coarse)').matches
          ? 'Tap to include. Choose “Exclude” to leave things out. Drag to draw a box.'
          : 'Click to include, Alt-click to exclude. Drag to draw a box.'
      }
      onKey={onKey}
      onClose={onClose}
      foot={
        <>
          <span className="tool-said">
            <span className="sr" role="status">
              {said}
            </span>
            {count === 0 ? 'Nothing selected yet.' : countWords(marked)}
          </span>
          <button type="button" className="btn btn-ink" onClick={onClose}>
            Done
          </button>
        </>
      }
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
            down={(at, { isOther, isShift }) => {
              const isOff = hand === 'off' || isOther || isShift
              press.current = { from: at, to: at, isOff, scale: scaleNow.current }
            }}
            move={(at) => {
              const { current } = press
              if (!current) return
              current.to = at
              const box = isDrag()
                ? boxBetween(fraction(current.from), fraction(at), current.isOff)
                : null
              setDrawn(box)
            }}
            up={up}
            cancel={() => {
              press.current = null
              setDrawn(null)
            }}
          >
            {(scale) => {
              scaleNow.current = scale
              return size ? (
                <>
                  {(['box', 'point'] as const).flatMap((type) =>
                    marked.marks[type].map((mark, at) => (
                      <MarkOnPicture
                        // biome-ignore lint/suspicious/noArrayIndexKey: it has no other name.
                        key={`${type}${at}`}
                        mark={mark}
                        at={at}
                        size={size}
                        scale={scale}
                        isChosen={chosen?.type === type && chosen.at === at}
                        onChoose={() => setChosen({ type: type, at })}
                        onChange={(next) => marked.change({ type: type, at }, next, true)}
                        onDone={endGesture}
                        onTurn={() =>
                          marked.change({ type: type, at }, { ...mark, isOff: !mark.isOff })
                        }
                      />
                    )),
                  )}
                  {drawn && <Drawn mark={drawn} />}
                </>
              ) : null
            }}
          </PictureStage>
        </div>
        <MarksPanel
          marked={marked}
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
