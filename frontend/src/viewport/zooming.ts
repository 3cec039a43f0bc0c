/** The view is moved by pointer, wheel, fingers and code: d3-zoom does it. */

import { select } from 'd3-selection'
import 'd3-transition'
import { type D3ZoomEvent, zoom, zoomIdentity } from 'd3-zoom'
import { type Camera, MAX_ZOOM, MIN_ZOOM, type View } from './camera'

/** How long a move takes that is shown, in ms. */
const MOVE_MS = 260
const WHEEL_BY_PIXEL = 0.002
const WHEEL_BY_LINE = 0.05
/** What macOS reports of a pinch on a trackpad is small. */
const PINCH = 10
const IS_MAC = /mac/i.test(globalThis.navigator?.userAgent ?? '')
const MIDDLE_BUTTON = 1

/**
 * Move a camera's view by what happens on an element, and keep its size. onEnd: after each move.
 * Returns how to let go.
 */
export function attach(camera: Camera, element: HTMLElement, onEnd: () => void): () => void {
  const { store } = camera
  const measure = () => {
    const { clientWidth: width, clientHeight: height } = element
    const now = store.getState()
    if (now.width !== width || now.height !== height) store.setState({ width, height })
  }
  const behavior = zoom<HTMLElement, unknown>()
    .extent(() => [
      [0, 0],
      [camera.size.width, camera.size.height],
    ])
    .scaleExtent([MIN_ZOOM, MAX_ZOOM])
    .wheelDelta(wheelDelta)
    .filter(isMove)
  // Pressed twice, the ground asks for a new stage and a node opens.
  const selection = select(element).call(behavior).on('dblclick.zoom', null)
  const move = (next: View, isAnimated: boolean) => {
    const transform = zoomIdentity.translate(next.x, next.y).scale(next.zoom)
    const isShown = isAnimated && !matchMedia('(prefers-reduced-motion: reduce)').matches
    if (isShown) behavior.transform(selection.transition().duration(MOVE_MS), transform)
    else behavior.transform(selection, transform)
  }
  // What was kept is where it begins; that is no move.
  move(camera.view, false)
  behavior
    .on('start', ({ sourceEvent }: { sourceEvent: Event | null }) => {
      if (sourceEvent?.type === 'mousedown') store.setState({ isDragged: true })
    })
    .on('zoom', ({ transform: { x, y, k } }: D3ZoomEvent<HTMLElement, unknown>) => {
      store.setState({ view: { x, y, zoom: k } })
    })
    .on('end', () => {
      store.setState({ isDragged: false })
      onEnd()
    })
  camera.mover = {
    move,
    corner: () => {
      const { left, top } = element.getBoundingClientRect()
      return { x: left, y: top }
    },
  }
  const observer = new ResizeObserver(measure)
  observer.observe(element)
  measure()
  return () => {
    observer.disconnect()
    selection.interrupt().on('.zoom', null)
    camera.mover = null
    store.setState({ width: 0, height: 0, isDragged: false })
  }
}

function wheelDelta(event: WheelEvent): number {
  const unit =
    event.deltaMode === WheelEvent.DOM_DELTA_LINE
      ? WHEEL_BY_LINE
      : event.deltaMode === WheelEvent.DOM_DELTA_PAGE
        ? 1
        : WHEEL_BY_PIXEL
  return -event.deltaY * unit * (event.ctrlKey && IS_MAC ? PINCH : 1)
}

/** Whether an event moves the view: not on what has the class stays-put, as a text that is written.
 * With Ctrl a mouse selects, and a wheel is a pinch. */
function isMove(event: MouseEvent | WheelEvent | TouchEvent): boolean {
  if (event.target instanceof Element && event.target.closest('.stays-put')) return false
  if (event.type === 'wheel') return true
  const button = 'button' in event ? event.button : 0
  return !event.ctrlKey && button <= MIDDLE_BUTTON
}
