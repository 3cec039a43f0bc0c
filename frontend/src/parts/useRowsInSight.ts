/** Long lists of equally high rows: only those near what is seen are in the page. */

import { type RefObject, useLayoutEffect, useState } from 'react'

/** Rows come and go by blocks, so that scrolling seldom renders. */
const BLOCK = 16

interface Rows {
  /** The first that is in the page, and the one after the last. */
  readonly from: number
  readonly to: number
  /** Room for the others, in CSS pixels. */
  readonly above: number
  readonly below: number
}

/** view: what scrolls; list: holds the rows and nothing else; count: of all rows. */
export function useRowsInSight(
  view: RefObject<HTMLElement | null>,
  list: RefObject<HTMLElement | null>,
  count: number,
): Rows {
  const [height, setHeight] = useState(0)
  const [block, setBlock] = useState({ first: 0, last: 1 })
  useLayoutEffect(() => {
    const frame = view.current
    if (!frame) return
    const look = () => {
      const row = list.current?.firstElementChild?.getBoundingClientRect().height ?? 0
      setHeight(row)
      if (row === 0) return
      const first = Math.floor(frame.scrollTop / row / BLOCK)
      const last = Math.floor((frame.scrollTop + frame.clientHeight) / row / BLOCK)
      setBlock((now) => (now.first === first && now.last === last ? now : { first, last }))
    }
    look()
    const sizes = new ResizeObserver(look)
    sizes.observe(frame)
    frame.addEventListener('scroll', look, { passive: true })
    return () => {
      sizes.disconnect()
      frame.removeEventListener('scroll', look)
    }
  }, [view, list])
  // One block more at both ends: keys can go on to the next row.
  const to = Math.min(count, (block.last + 2) * BLOCK)
  const from = Math.max(0, Math.min((block.first - 1) * BLOCK, to - BLOCK))
  return { from, to, above: from * height, below: (count - to) * height }
}
