import {
  CircleMinus,
  CirclePlus,
  type LucideIcon,
  Plus,
  SquareDashed,
  Trash2,
  X,
} from 'lucide-react'
import type { Hand } from './MarksTool'
import { type Mark, type MarkId, markWords } from './shapes'
import type { Marked } from './useMarks'

interface Props {
  marked: Marked
  hand: Hand
  onHand: (hand: Hand) => void
  chosen: MarkId | null
  onChoose: (id: MarkId | null) => void
  onAdd: (mark: Mark) => void
}

const HANDS: readonly { id: Hand; label: string; Icon: LucideIcon }[] = [
  { id: 'on', label: 'Include', Icon: CirclePlus },
  { id: 'off', label: 'Exclude', Icon: CircleMinus },
  { id: 'box', label: 'Box', Icon: SquareDashed },
]

/** The meaning of a click, and all marks in a list. */
export function MarksPanel({ marked, hand, onHand, chosen, onChoose, onAdd }: Props) {
  const rows = (['point', 'box'] as const).flatMap((type) =>
    marked.marks[type].map((mark, at) => ({ type, at, mark })),
  )
  const middle = { x: 0.5, y: 0.5, width: 0, height: 0, isOff: hand === 'off' }
  return (
    <div className="tool-side">
      <fieldset className="mask-shapes is-three" aria-label="Click adds">
        {HANDS.map(({ id, label, Icon }) => (
          <button key={id} type="button" aria-pressed={hand === id} onClick={() => onHand(id)}>
            <Icon className="i" aria-hidden />
            {label}
          </button>
        ))}
      </fieldset>
      {rows.length === 0 ? (
        <p className="help">One point is often enough. Use a box when objects touch.</p>
      ) : (
        <ul className="marks-list" aria-label="Selection">
          {rows.map(({ type, at, mark }) => (
            <Row
              key={`${type}${at}`}
              mark={mark}
              at={at}
              isChosen={chosen?.type === type && chosen.at === at}
              onChoose={() => onChoose({ type, at })}
              onTurn={() => marked.change({ type, at }, { ...mark, isOff: !mark.isOff })}
              onRemove={() => {
                marked.remove({ type, at })
                onChoose(null)
              }}
            />
          ))}
        </ul>
      )}
      <div className="mask-actions">
        <button
          type="button"
          className="btn btn-s"
          onClick={() => onAdd({ ...middle, type: 'point' })}
        >
          <Plus className="i i-14" aria-hidden />
          Point
        </button>
        <button
          type="button"
          className="btn btn-s"
          onClick={() =>
            onAdd({ ...middle, type: 'box', x: 0.25, y: 0.25, width: 0.5, height: 0.5 })
          }
        >
          <Plus className="i i-14" aria-hidden />
          Box
        </button>
        {rows.length > 1 && (
          <button
            type="button"
            className="btn btn-s"
            onClick={() => {
              marked.clear()
              onChoose(null)
            }}
          >
            <Trash2 className="i i-14" aria-hidden />
            Remove all
          </button>
        )}
      </div>
    </div>
  )
}

interface RowProps {
  mark: Mark
  at: number
  isChosen: boolean
  onChoose: () => void
  onTurn: () => void
  onRemove: () => void
}

function Row({ mark, at, isChosen, onChoose, onTurn, onRemove }: RowProps) {
  const words = markWords(mark, at)
  const per = (value: number) => `${Math.round(value * 100)}%`
  const kind = mark.type === 'point' ? 'Point' : 'Box'
  const Icon = mark.isOff ? CircleMinus : CirclePlus
  return (
    <li className={isChosen ? 'is-chosen' : undefined}>
      <button
        type="button"
        className={`mini-btn mark-turn${mark.isOff ? ' is-off' : ''}`}
        aria-label={`${kind} ${at + 1}: ${mark.isOff ? 'excluded' : 'included'}`}
        aria-pressed={!mark.isOff}
        title={mark.isOff ? 'Excluded. Click to include' : 'Included. Click to exclude'}
        onClick={onTurn}
      >
        <Icon className="i i-14" aria-hidden />
      </button>
      <button type="button" className="marks-name" title={words} onClick={onChoose}>
        <b>
          {kind} {at + 1}
        </b>
        <span className="num">
          {mark.type === 'point'
            ? `${per(mark.x)}, ${per(mark.y)}`
            : `${per(mark.width)} × ${per(mark.height)}`}
        </span>
      </button>
      <button
        type="button"
        className="mini-btn"
        aria-label={`Remove ${kind.toLowerCase()} ${at + 1}`}
        title="Remove"
        onClick={onRemove}
      >
        <X className="i i-14" aria-hidden />
      </button>
    </li>
  )
}
