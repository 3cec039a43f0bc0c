/** The view is moved by pointer, fingers and code: d3-zoom does it. `wheel.ts` reads the wheel. */

import { select } from 'd3-selection'
import { type D3ZoomEvent, type ZoomTransform, zoom, zoomIdentity, zoomTransform } from 'd3-zoom'
import { type Camera, MAX_ZOOM, MIN_ZOOM, type View } from './camera'
import { glide, interpolateZoom, interrupt, type Seen } from './gliding'
import { readWheel } from './wheel'

/** The time of a move that is shown, in ms. */
const MOVE_MS = 260
/** A wheel that rests this long has come to its end, in ms. */
const WHEEL_REST_MS = 150
const MIDDLE_BUTTON = 1

/**
 * Move a camera's view by what happens on an element, and keep its size. onEnd: after each move;
 * mayMove: whether an event is free to do so. Returns how to let go.
 */
export function attach(
  camera: Camera,
  element: HTMLElement,
  onEnd: () => void,
  mayMove: (event: Event) => boolean,
): () => void {
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
    .filter((event: MouseEvent | TouchEvent) => isMove(event) && mayMove(event))
  // Pressed twice, the ground asks for a new stage and a node opens.
  const selection = select(element).call(behavior).on('dblclick.zoom', null).on('wheel.zoom', null)
  // What is one of many steps is not the end of a move.
  let isStep = false
  const move = (next: View, isAnimated: boolean) => {
    const transform = zoomIdentity.translate(next.x, next.y).scale(next.zoom)
    if (!isAnimated || matchMedia('(prefers-reduced-motion: reduce)').matches) {
      behavior.transform(selection, transform)
      return
    }
    const moment = between(zoomTransform(element), transform, camera.size)
    glide(
      element,
      MOVE_MS,
      (share) => {
        isStep = true
        behavior.transform(selection, moment(share))
        isStep = false
      },
      onEnd,
    )
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
      if (!isStep) onEnd()
    })
  let rest: ReturnType<typeof setTimeout> | undefined
  const onWheel = (event: WheelEvent) => {
    if (!isMove(event) || !mayMove(event)) return
    event.preventDefault()
    const turn = readWheel(event)
    const { left, top } = element.getBoundingClientRect()
    const { zoom: now } = camera.view
    isStep = true
    if (turn.type === 'zoom')
      behavior.scaleTo(selection, now * turn.by, [event.clientX - left, event.clientY - top])
    else behavior.translateBy(selection, turn.x / now, turn.y / now)
    isStep = false
    clearTimeout(rest)
    rest = setTimeout(onEnd, WHEEL_REST_MS)
  }
  element.addEventListener('wheel', onWheel, { passive: false })
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
    interrupt(element)
    clearTimeout(rest)
    element.removeEventListener('wheel', onWheel)
    selection.on('.zoom', null)
    camera.mover = null
    store.setState({ width: 0, height: 0, isDragged: false })
  }
}

/** The views on the way from one to another, as far as they are apart out and in again. */
function between(from: ZoomTransform, to: ZoomTransform, size: Camera['size']) {
  const middle: [number, number] = [size.width / 2, size.height / 2]
  const across = Math.max(size.width, size.height)
  const windowOf = (view: ZoomTransform): Seen => [...view.invert(middle), across / view.k]
  const way = interpolateZoom(windowOf(from), windowOf(to))
  return (share: number): ZoomTransform => {
    // Exactly, where it ends.
    if (share === 1) return to
    const [x, y, width] = way(share)
    const zoom = across / width
    return zoomIdentity.translate(middle[0] - x * zoom, middle[1] - y * zoom).scale(zoom)
  }
}

/**
 * Return true if an event moves the view: not on what has the class stays-put, as a text that is
 * written. With Ctrl a mouse selects.
 */
function isMove(event: MouseEvent | WheelEvent | TouchEvent): boolean {
  if (event.target instanceof Element && event.target.closest('.stays-put')) return false
  if (event.type === 'wheel') return true
  const button = 'button' in event ? event.button : 0
  return !event.ctrlKey && button <= MIDDLE_BUTTON
}
