import { useEffect } from 'react'
import { useCanvas } from './state'
import { fitView, showsWhole, useView } from './view'

/**
 * Keeps the whole graph in sight until the view is moved. What is beside the canvas comes after it,
 * as the timeline of a run does, and would lie over stages that were there to be seen.
 */
export function useFittedView(): void {
  const width = useView((state) => state.width)
  const height = useView((state) => state.height)
  const corner = useCanvas((state) => state.corner)
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever there is other room for it.
  useEffect(() => {
    if (showsWhole()) fitView(undefined, false)
  }, [width, height, corner])
}
