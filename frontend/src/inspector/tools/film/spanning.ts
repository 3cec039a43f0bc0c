/** The pointer and the arrow keys on a range on a timeline: on either end, or on both. */

import type { KeyboardEvent, PointerEvent } from 'react'
import { pressedKey } from '../../../frame/press'
import { drag } from './drag'
import { type Bounds, lengthOf, moveBoth, moveEnd, moveStart, type Range } from './ranges'
import { pull, snap } from './snapping'
import { spokenTime, stepFrames } from './time'

export type Part = 'start' | 'end' | 'both'

export interface Spanning {
  /** "Selected range": its ends are called "Start of selected range". */
  readonly name: string
  readonly range: Range
  readonly bounds: Bounds
  readonly rate: number
  /** Times at which an end comes to rest. */
  readonly targets: readonly number[]
  /** While it is dragged; null: it was let go where it was. */
  readonly onHold: (range: Range | null) => void
  /** The frame that a gesture is about. */
  readonly onLook: (time: number) => void
  /** The gesture is over. */
  readonly onWrite: (range: Range) => void
  /** One of a burst of keys. */
  readonly onNudge: (range: Range) => void
  readonly onLeave: () => void
  /** It is not set: what is drawn across the timeline becomes it. */
  readonly isUnset?: boolean
}

/** CSS pixels within which an end is drawn to a target. */
const REACH = 7

/** Everything a part of a range is for the pointer, the keyboard and screen readers. */
export function spanPart(spanning: Spanning, part: Part) {
  const { name, range } = spanning
  const at = part === 'end' ? range.end : range.start
  const of = `${name[0]?.toLowerCase() ?? ''}${name.slice(1)}`
  return {
    role: 'slider',
    tabIndex: 0,
    'aria-label': part === 'both' ? name : `${part === 'start' ? 'Start' : 'End'} of ${of}`,
    'aria-valuemin': 0,
    'aria-valuemax': spanning.bounds.duration,
    'aria-valuenow': at,
    'aria-valuetext': spanning.isUnset
      ? 'Not set'
      : part === 'both'
        ? `${spokenTime(range.start)} to ${spokenTime(range.end)}`
        : spokenTime(at),
    onPointerDown: (event: PointerEvent<HTMLElement>) => press(spanning, part, event),
    onKeyDown: (event: KeyboardEvent) => onKey(spanning, part, event),
    onBlur: spanning.onLeave,
  }
}

function movedTo({ bounds }: Spanning, part: Part, from: Range, time: number): Range {
  if (part === 'start') return moveStart(from, time, bounds)
  return part === 'end' ? moveEnd(from, time, bounds) : moveBoth(from, time, bounds)
}

/** The last frame of a range is the one before its end. */
function look({ onLook, rate }: Spanning, part: Part, to: Range): void {
  onLook(part === 'end' ? Math.max(to.start, to.end - 1 / rate) : to.start)
}

/** From one place to another, where there was nothing. */
function rangeAlong({ bounds }: Spanning, one: number, other: number): Range {
  const start = Math.max(0, Math.min(one, other, bounds.duration - bounds.least))
  return moveEnd({ start, end: bounds.duration }, Math.max(one, other), bounds)
}

function press(spanning: Spanning, part: Part, event: PointerEvent<HTMLElement>): void {
  event.stopPropagation()
  const { range: from, bounds, targets } = spanning
  const track = event.currentTarget.closest('.track-in')?.getBoundingClientRect()
  if (!track) return
  const per = bounds.duration / track.width
  const pressTime = (event.clientX - track.left) * per
  let now = from
  drag(event, {
    onMove: ({ x, isFree }) => {
      const reach = isFree ? 0 : REACH * per
      if (spanning.isUnset && part === 'both') {
        const to = snap(pressTime + x * per, targets, reach)
        now = rangeAlong(spanning, snap(pressTime, targets, reach), to)
        spanning.onHold(now)
        spanning.onLook(to)
        return
      }
      const to = (part === 'end' ? from.end : from.start) + x * per
      const rests =
        part === 'both'
          ? to + pull([to, to + lengthOf(from)], targets, reach).by
          : snap(to, targets, reach)
      now = movedTo(spanning, part, from, rests)
      spanning.onHold(now)
      look(spanning, part, now)
    },
    onEnd: (hasMoved) => {
      if (hasMoved) spanning.onWrite(now)
      else {
        spanning.onHold(null)
        if (part === 'both') spanning.onLook(pressTime)
      }
    },
  })
}

function onKey(spanning: Spanning, part: Part, event: KeyboardEvent): void {
  const { range, bounds, rate } = spanning
  const at = part === 'end' ? range.end : range.start
  const key = pressedKey(event)
  const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[key]
  let to: number
  if (way !== undefined) to = event.shiftKey ? at + way : stepFrames(at, way, rate)
  else if (key === 'Home') to = 0
  else if (key === 'End') to = bounds.duration
  else return
  event.preventDefault()
  event.stopPropagation()
  const next = movedTo(spanning, part, range, to)
  spanning.onNudge(next)
  look(spanning, part, next)
}
