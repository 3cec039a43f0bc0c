/** Drops onto the canvas from outside: parts of the palette, and files. */

import type { Point } from '../../editor/store'
import { Deferred } from '../../parts/fetching'
import { onDemand } from '../../parts/onDemand'
import { DRAGGED } from '../additions'
import { setConnect } from './state'

/** The code that handles drops; fetched after the first load. */
const targets = new Deferred(() => import('./dropTargets'))
const adding = onDemand(targets, 'Adding')
/** The part dragged from our own palette: its data itself cannot be read before the drop. */
let dragData = ''

/** Listen for drops. Returns what stops it. */
export function listenForDrops(frame: HTMLElement): () => void {
  const stop = new AbortController()
  const { signal } = stop
  const onStart = (event: DragEvent) => {
    dragData = event.dataTransfer?.getData(DRAGGED) ?? ''
  }
  const onEnd = () => {
    dragData = ''
    setConnect({ over: null })
  }
  const onLeave = (event: DragEvent) => {
    const to = event.relatedTarget
    if (!(to instanceof Node && frame.contains(to))) setConnect({ over: null })
  }
  document.addEventListener('dragstart', onStart, { signal })
  document.addEventListener('dragend', onEnd, { signal })
  frame.addEventListener('dragover', over, { signal })
  frame.addEventListener('dragleave', onLeave, { signal })
  frame.addEventListener('drop', (event) => void onDropped(event), { signal })
  return () => stop.abort()
}

function over(event: DragEvent): void {
  const types = event.dataTransfer?.types ?? []
  const isPart = types.includes(DRAGGED)
  if (!event.dataTransfer || (!isPart && !types.includes('Files'))) return
  event.preventDefault()
  event.dataTransfer.dropEffect = 'copy'
  if (isPart && dragData) targets.now.module?.aim(dragData, placeOf(event))
}

async function onDropped(event: DragEvent): Promise<void> {
  const data = event.dataTransfer
  if (!data || event.defaultPrevented) return
  setConnect({ over: null })
  dragData = ''
  // Nothing of this can be read any more when the code has come.
  const text = data.getData(DRAGGED)
  const files = [...data.files]
  const point = placeOf(event)
  if (!text && files.length === 0) return
  event.preventDefault()
  await adding(({ drop, dropFiles }) => {
    if (!drop(text, point) && files.length > 0) dropFiles(files, point)
  })
}

function placeOf(event: DragEvent): Point {
  return { x: event.clientX, y: event.clientY }
}
