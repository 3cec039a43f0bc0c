import { describe, expect, it } from 'vitest'
import type { Json } from '../../../api/schema'
import {
  boxBetween,
  markWords,
  movedMark,
  otherThan,
  pointAt,
  readMarks,
  stretchMark,
  writeMark,
} from './shapes'

describe('points and boxes', () => {
  it('are fractions of the picture, as the tool takes them', () => {
    expect(writeMark(pointAt({ x: 1 / 3, y: 0.5 }, false))).toEqual({
      x: 0.3333,
      y: 0.5,
      label: 'positive',
    })
    const box = boxBetween({ x: 0.8, y: 0.2 }, { x: 0.1, y: 1.4 }, true)
    expect(box && writeMark(box)).toEqual({ x0: 0.1, y0: 0.2, x1: 0.8, y1: 1, label: 'negative' })
  })

  it('are read back as they were written, and what is none is kept aside', () => {
    const points: Json[] = [{ x: 0.25, y: 0.75, label: 'negative' }, '$item.point', { x: 3, y: 0 }]
    expect(readMarks('point', points)).toHaveLength(1)
    expect(readMarks('point', points).map(writeMark)).toEqual([points[0]])
    expect(otherThan('point', points)).toEqual(points.slice(1))
    const boxes = [{ x0: 0.6, y0: 0.1, x1: 0.2, y1: 0.3, label: 'positive' }]
    expect(readMarks('box', boxes).map(writeMark)).toEqual([
      { x0: 0.2, y0: 0.1, x1: 0.6, y1: 0.3, label: 'positive' },
    ])
    expect(readMarks('box', '$artifacts.found')).toEqual([])
  })

  it('stay on the picture when they are moved and stretched', () => {
    const box = boxBetween({ x: 0.5, y: 0.5 }, { x: 0.7, y: 0.9 }, false)
    if (!box) throw new Error('It is large enough.')
    expect(movedMark(box, 1, -1)).toMatchObject({ x: 0.8, y: 0 })
    expect(stretchMark(box, 1, -1)).toMatchObject({ width: 0.5, height: 0.005 })
    expect(movedMark(pointAt({ x: 0.5, y: 0.5 }, false), -2, 2)).toMatchObject({ x: 0, y: 1 })
  })

  it('a press that hardly moved is no box', () => {
    expect(boxBetween({ x: 0.5, y: 0.5 }, { x: 0.501, y: 0.8 }, false)).toBeNull()
  })

  it('say what they are', () => {
    expect(markWords(pointAt({ x: 0.42, y: 0.37 }, false), 1)).toBe(
      'Point 2, included, at 42% and 37%',
    )
  })
})
