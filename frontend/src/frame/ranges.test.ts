// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { CheckRange } from './ranges'

function boxesOf(count: number): HTMLInputElement[] {
  return Array.from({ length: count }, () => {
    const box = document.createElement('input')
    box.type = 'checkbox'
    return box
  })
}

/** As a click does it: the browser has toggled the box before. */
function click(range: CheckRange, box: HTMLInputElement | undefined, isRange = false): void {
  if (!box) throw new Error('no such box')
  box.checked = !box.checked
  range.choose(box, isRange)
}

const checked = (boxes: readonly HTMLInputElement[]) => boxes.map((box) => box.checked)

test('with Shift all boxes from the last one become as the one that is clicked', () => {
  const boxes = boxesOf(5)
  const range = new CheckRange(() => boxes)
  click(range, boxes[3])
  click(range, boxes[1], true)
  expect(checked(boxes)).toEqual([false, true, true, true, false])
  click(range, boxes[2], true)
  expect(checked(boxes)).toEqual([false, false, false, true, false])
})

test('a range that begins at a box that is gone is that one box', () => {
  let boxes = boxesOf(3)
  const range = new CheckRange(() => boxes)
  click(range, boxes[0])
  boxes = boxesOf(3)
  click(range, boxes[2], true)
  expect(checked(boxes)).toEqual([false, false, true])
})
