import { useEffect, useState } from 'react'
import { fitView, useView } from './view'

const DEEDS = ['pointerdown', 'wheel', 'keydown'] as const

/**
 * Keeps the whole graph in sight until someone does something. What is beside the canvas comes
 * after it, as the strip of the last run does, and would lie over stages that were there to be seen.
 * isFitted: whether the first view showed everything.
 */
export function useFitUntilInteraction(isFitted: boolean): void {
  const [isFirst, setFirst] = useState(true)
  const width = useView((state) => state.width)
  const height = useView((state) => state.height)
  const isKept = isFitted && isFirst
  useEffect(() => {
    if (!isKept) return
    const end = () => setFirst(false)
    for (const type of DEEDS) window.addEventListener(type, end, { capture: true, once: true })
    return () => {
      for (const type of DEEDS) window.removeEventListener(type, end, { capture: true })
    }
  }, [isKept])
  useEffect(() => {
    if (isKept && width > 0 && height > 0) fitView(undefined, false)
  }, [isKept, width, height])
}
