import { describe, expect, it } from 'vitest'
import { cutsBetween, difference, isOfFirst } from './cuts'
import { rateOf } from './frames'
import {
  type Bounds,
  fitRange,
  fromEnd,
  lengthOf,
  moveBoth,
  moveEnd,
  moveStart,
  setIn,
  setLength,
  setOut,
} from './ranges'
import { nearest, pull, snap, wholeSeconds } from './snapping'
import { marks, markWords, readTime, spokenTime, stepFrames, timecode } from './time'

const BOUNDS: Bounds = { duration: 10, least: 0.5, most: 8 }

describe('times', () => {
  it('are written to the thousandth', () => {
    expect([0, 2.5424, 62.05, 3725, -1.5].map(timecode)).toEqual([
      '0:00.000',
      '0:02.542',
      '1:02.050',
      '1:02:05.000',
      '−0:01.500',
    ])
    expect(timecode(59.9996)).toBe('1:00.000')
  })

  it('are read as people write them', () => {
    expect(
      ['2.5', '2,5 s', ' 1:02.5 ', '00:01:02,500', '90', '.5', '3 seconds'].map(readTime),
    ).toEqual([2.5, 2.5, 62.5, 62.5, 90, 0.5, 3])
    expect(['', 'soon', '1:75', '1:99:00', '-2', '1:2:3:4'].map(readTime)).toEqual(
      Array(6).fill(null),
    )
  })

  it('written and read are the same', () => {
    for (const time of [0, 0.001, 1.234, 59.999, 61, 3599.5, 7322.042])
      expect(readTime(timecode(time))).toBe(time)
  })

  it('go by frames, on their grid', () => {
    expect(stepFrames(1, 1, 24)).toBe(1.042)
    expect(stepFrames(1.042, 1, 24)).toBe(1.083)
    expect(stepFrames(1.05, -1, 24)).toBe(1)
    expect(stepFrames(0, -1, 24)).toBe(0)
    let at = 0
    for (let step = 0; step < 240; step += 1) at = stepFrames(at, 1, 24)
    expect(at).toBe(10)
  })

  it('are said in words', () => {
    expect([1, 2.5, 60, 121.25].map(spokenTime)).toEqual([
      '1 second',
      '2.5 seconds',
      '1 minute 0 seconds',
      '2 minutes 1.25 seconds',
    ])
  })

  it('are at marks that read well, no more than there is room for', () => {
    expect(marks(5, 10)).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5])
    expect(marks(600, 8)).toEqual([0, 120, 240, 360, 480, 600])
    expect(marks(0, 8)).toEqual([])
    expect([0, 0.5, 62.25, 10].map(markWords)).toEqual(['0:00', '0:00.5', '1:02.25', '0:10'])
  })
})

describe('what is dragged', () => {
  it('rests on the nearest target within reach', () => {
    expect(nearest(1.04, [0, 1, 1.1], 0.1)).toBe(1)
    expect(nearest(1.5, [0, 1, 2], 0.1)).toBeNull()
    expect(snap(1.96, [2], 0.05)).toBe(2)
    expect(snap(1.94, [2], 0.05)).toBe(1.94)
    expect(snap(1.96, [2], 0)).toBe(1.96)
  })

  it('is moved as a whole so that its nearest edge rests', () => {
    expect(pull([0.98, 2.51], [1, 2.5, 3], 0.1)).toEqual({ by: 2.5 - 2.51, target: 2.5 })
    expect(pull([0.5, 2.2], [1, 3], 0.1)).toEqual({ by: 0, target: null })
  })

  it('rests on whole seconds and on the end', () => {
    expect(wholeSeconds(2.5)).toEqual([0, 1, 2, 2.5])
    expect(wholeSeconds(3)).toEqual([0, 1, 2, 3])
  })
})

describe('a stretch', () => {
  const range = { start: 2, end: 5 }

  it('keeps its shortest and longest length, and stays in the clip', () => {
    expect(moveStart(range, 4.9, BOUNDS)).toEqual({ start: 4.5, end: 5 })
    expect(moveStart(range, -3, BOUNDS)).toEqual({ start: 0, end: 5 })
    expect(moveStart({ start: 5, end: 10 }, 0, BOUNDS)).toEqual({ start: 2, end: 10 })
    expect(moveEnd(range, 1, BOUNDS)).toEqual({ start: 2, end: 2.5 })
    expect(moveEnd(range, 99, BOUNDS)).toEqual({ start: 2, end: 10 })
    expect(moveEnd({ start: 0, end: 5 }, 99, BOUNDS)).toEqual({ start: 0, end: 8 })
  })

  it('moves as a whole up to the rims', () => {
    expect(moveBoth(range, 20, BOUNDS)).toEqual({ start: 7, end: 10 })
    expect(moveBoth(range, -1, BOUNDS)).toEqual({ start: 0, end: 3 })
  })

  it('begins and ends at the playhead; behind the other end it goes along', () => {
    expect(setIn(range, 3, BOUNDS)).toEqual({ start: 3, end: 5 })
    expect(setIn(range, 6, BOUNDS)).toEqual({ start: 6, end: 9 })
    expect(setOut(range, 4, BOUNDS)).toEqual({ start: 2, end: 4 })
    expect(setOut(range, 1, BOUNDS)).toEqual({ start: 0, end: 3 })
    expect(setLength(range, 1.25, BOUNDS)).toEqual({ start: 2, end: 3.25 })
  })

  it('has no places in a clip of unknown length', () => {
    const nowhere = { start: 0, end: 0 }
    const unknown = { ...BOUNDS, duration: 0 }
    // The same object: there is nothing to write.
    expect(setIn(nowhere, 0, unknown)).toBe(nowhere)
    expect(setOut(nowhere, 2, unknown)).toBe(nowhere)
  })

  it('counts from the end where it is negative, and is fitted into the clip', () => {
    expect(fromEnd(-2, 10)).toBe(8)
    expect(fitRange({ start: -4, end: -1 }, BOUNDS)).toEqual({ start: 6, end: 9 })
    expect(fitRange({ start: 8, end: 40 }, BOUNDS)).toEqual({ start: 8, end: 10 })
    expect(fitRange({ start: 30, end: 40 }, BOUNDS)).toEqual({ start: 9.5, end: 10 })
    expect(lengthOf(fitRange({ start: 3, end: 3 }, BOUNDS))).toBe(0.5)
  })
})

describe('cuts', () => {
  const look = (value: number) => Array(12).fill(value) as number[]

  it('are where neighbours differ much more than theirs do', () => {
    const looks = [50, 52, 54, 200, 201, 199].map(look)
    expect(cutsBetween(looks)).toEqual([2])
    expect(difference(look(10), look(30))).toBe(20)
  })

  it('are none in a steady change', () => {
    expect(cutsBetween([0, 40, 80, 120, 160].map(look))).toEqual([])
    expect(cutsBetween([look(0)])).toEqual([])
  })

  it('part what belongs to the first shot from the second', () => {
    expect(isOfFirst(look(60), look(50), look(200))).toBe(true)
    expect(isOfFirst(look(190), look(50), look(200))).toBe(false)
  })
})

describe('the rate of frames', () => {
  it('is the usual one that is nearest to what was counted', () => {
    expect(rateOf([0.041667, 0.083333, 0.041667, 0.083333, 0.125])).toBe(24)
    expect(rateOf([0.033333, 0.033334])).toBe(30)
    expect(rateOf([0.04])).toBe(25)
    expect(rateOf([])).toBeNull()
  })
})
