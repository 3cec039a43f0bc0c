import { useRef, useState } from 'react'
import { endGesture } from '../../../editor/actions'
import type { Source } from '../../../run/source'
import { useFocusNext } from '../useFocusNext'
import { wholeSeconds } from './snapping'
import { useClip } from './useClip'

/** A clip that is worked on: its player, its timeline, and what comes to rest where. */
export function useFilm(source: Source) {
  const clip = useClip(source)
  const root = useRef<HTMLDivElement>(null)
  const focusNext = useFocusNext(root)
  const [zoom, setZoom] = useState(1)
  const [isSnapping, setSnapping] = useState(true)
  const [cuts, setCuts] = useState<readonly number[]>([])
  return {
    source,
    clip,
    /** The element that the tool is drawn in. */
    root,
    focusNext,
    zoom,
    setZoom,
    isSnapping,
    setSnapping,
    cuts,
    setCuts,
    /** Return the settings of a range on it. ends: of other ranges, where its own come to rest. */
    spanning: (ends: readonly number[] = []) => ({
      rate: clip.rate,
      targets: isSnapping ? [...ends, ...wholeSeconds(clip.duration), ...cuts, clip.time] : [],
      onLook: clip.seek,
      onLeave: endGesture,
    }),
  }
}

export type Film = ReturnType<typeof useFilm>
