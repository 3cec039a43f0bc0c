/**
 * A 3D model to turn: by dragging, by keys, with the wheel or two fingers. A module of its own, for
 * it brings a graphics library along: the editor and the pages that Django draws import it when
 * someone opens a model.
 */

import {
  NeutralToneMapping,
  PerspectiveCamera,
  Spherical,
  type Vector3,
  WebGLRenderer,
} from 'three'
import { OrbitControls } from 'three/addons/controls/OrbitControls.js'
import { pressedKey } from '../frame/press'
import { dispose, load } from './loading'
import { stageOf } from './stage'
import { afterKey, distanceFor, type Eye, FARTHEST, NEAREST } from './turning'

const FOV = 32
/** Seconds for a turn. */
const TURN_S = 36
/** A little from the side and from above, as its poster is drawn. */
const THETA = -0.49
const PHI = 1.36
/** Pixels drawn for each of the page's, where there is no graphics card to draw them. */
const WITHOUT_CARD = 0.5
/** The part of a drag's speed that is lost in a sixtieth of a second. */
const DAMPING = 0.05
const NO_WEBGL = "Your browser can't show 3D. Showing a still image."
const BROKEN = "Can't show this 3D model here. Download it to open it in another app."

interface Options {
  url: string
  /** Its name, for those who do not see it. */
  name: string
}

/**
 * Put the model into an element that holds its poster. The poster stays until there is something to
 * turn, and with a sentence when there never is. Returns how to take it away again.
 */
export function show(host: HTMLElement, { url, name }: Options): () => void {
  const leaving = new AbortController()
  host.dataset.model = 'loading'
  const canvas = document.createElement('canvas')
  // Asked for here: the library complains of its absence as of an error.
  const isDrawnByCard = hasCard()
  const context = canvas.getContext('webgl2', { antialias: isDrawnByCard, alpha: true })
  if (!context) return refuse(host, NO_WEBGL)
  const renderer = new WebGLRenderer({ canvas, context })
  renderer.setPixelRatio(isDrawnByCard ? Math.min(devicePixelRatio, 2) : WITHOUT_CARD)
  let end = () => renderer.dispose()
  load(url, leaving.signal).then(
    ({ model, size }) => {
      if (!leaving.signal.aborted)
        end = turn(host, renderer, stageOf(model, size, isDrawnByCard && renderer), size, name)
    },
    () => {
      if (leaving.signal.aborted) return
      end()
      end = refuse(host, BROKEN)
    },
  )
  return () => {
    leaving.abort()
    end()
    delete host.dataset.model
  }
}

/** Return true if a graphics card draws, not the processor, which is much slower. */
function hasCard(): boolean {
  const context = document.createElement('canvas').getContext('webgl2')
  const debugInfo = context?.getExtension('WEBGL_debug_renderer_info')
  const by = String(debugInfo ? context?.getParameter(debugInfo.UNMASKED_RENDERER_WEBGL) : '')
  context?.getExtension('WEBGL_lose_context')?.loseContext()
  return !/swiftshader|llvmpipe|software|basic render/i.test(by)
}

function refuse(host: HTMLElement, words: string): () => void {
  host.dataset.model = 'still'
  const note = document.createElement('p')
  note.className = 'model-note'
  note.setAttribute('role', 'status')
  note.textContent = words
  host.append(note)
  return () => note.remove()
}

function turn(
  host: HTMLElement,
  renderer: WebGLRenderer,
  scene: ReturnType<typeof stageOf>,
  size: Vector3,
  name: string,
): () => void {
  const canvas = renderer.domElement
  renderer.toneMapping = NeutralToneMapping
  dress(canvas, name)
  const radius = size.length() / 2
  const camera = new PerspectiveCamera(FOV)
  const start: Eye = { theta: THETA, phi: PHI, distance: radius * 4 }
  camera.position.setFromSpherical(new Spherical(start.distance, PHI, THETA))
  const { controls, touched } = turning(canvas, camera, start, () => drawing.wake())
  const drawing = drawOnDemand((seconds, passed) => {
    // The library counts in frames: where they take long, a model would glide for a minute.
    controls.dampingFactor = 1 - (1 - DAMPING) ** ((60 * passed) / 1000)
    const moves = controls.update(seconds)
    renderer.render(scene, camera)
    host.dataset.model = 'turns'
    return moves || controls.autoRotate
  })
  const resize = () => {
    const { clientWidth: width, clientHeight: height } = host
    if (width === 0 || height === 0) return
    const far = camera.position.length() / start.distance || 1
    camera.aspect = width / height
    start.distance = distanceFor(radius, FOV, camera.aspect)
    camera.near = start.distance / 100
    camera.far = start.distance * 10
    camera.updateProjectionMatrix()
    controls.minDistance = start.distance * NEAREST
    controls.maxDistance = start.distance * FARTHEST
    renderer.setSize(width, height, false)
    if (far === 1 || !touched()) camera.position.setLength(start.distance)
    drawing.wake()
  }
  const sizes = new ResizeObserver(resize)
  const sight = new IntersectionObserver(([entry]) => drawing.see(entry?.isIntersecting ?? true))
  const forget = listenForLoss(host, canvas, drawing.wake)
  host.append(canvas)
  resize()
  sizes.observe(host)
  sight.observe(host)
  return () => {
    drawing.stop()
    sizes.disconnect()
    sight.disconnect()
    controls.dispose()
    dispose(scene)
    scene.environment?.dispose()
    renderer.dispose()
    renderer.forceContextLoss()
    forget()
    canvas.remove()
  }
}

function dress(canvas: HTMLCanvasElement, name: string): void {
  canvas.className = 'model-canvas'
  canvas.tabIndex = 0
  canvas.setAttribute('role', 'application')
  canvas.setAttribute('aria-roledescription', '3D model')
  canvas.setAttribute(
    'aria-label',
    `${name}. Arrow keys turn it, plus and minus zoom, Home resets.`,
  )
}

/** Let drags, the wheel and keys turn the camera, and turn it slowly until someone does. */
function turning(
  canvas: HTMLCanvasElement,
  camera: PerspectiveCamera,
  start: Eye,
  wake: () => void,
) {
  // Before the controls: until it is touched, the wheel belongs to the page.
  let isTouched = false
  canvas.addEventListener('wheel', (event) => {
    if (!isTouched && !event.ctrlKey) event.stopImmediatePropagation()
    else touch()
  })
  const controls = new OrbitControls(camera, canvas)
  controls.enablePan = false
  controls.enableDamping = true
  controls.autoRotate = !matchMedia('(prefers-reduced-motion: reduce)').matches
  // The library counts in turns of a minute.
  controls.autoRotateSpeed = 60 / TURN_S
  // Up and down still scrolls a phone.
  canvas.style.touchAction = 'pan-y'

  const touch = () => {
    isTouched = true
    controls.autoRotate = false
    wake()
  }
  const look = ({ theta, phi, distance }: Eye) => {
    camera.position.setFromSpherical(new Spherical(distance, phi, theta))
    controls.update()
    wake()
  }
  controls.addEventListener('start', touch)
  controls.addEventListener('change', () => wake())
  canvas.addEventListener('focus', () => {
    if (canvas.matches(':focus-visible')) touch()
  })
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { theta, phi, radius } = new Spherical().setFromVector3(camera.position)
    const next = afterKey({ theta, phi, distance: radius }, pressedKey(event), start)
    if (!next) return
    // The editor's canvas has arrow keys too.
    event.preventDefault()
    event.stopPropagation()
    touch()
    look(next)
  })
  return { controls, touched: () => isTouched }
}

/**
 * Draws a frame when something changed and it is in sight; while draw answers true, the next, too.
 * seconds: since the last one, at most a tenth; passed: really, in ms.
 */
function drawOnDemand(draw: (seconds: number, passed: number) => boolean) {
  let frame = 0
  let isSeen = true
  let before = 0
  const next = (now: number) => {
    frame = 0
    const time = now - before
    before = now
    if (draw(Math.min(time / 1000, 0.1), time)) wake()
  }
  const wake = () => {
    if (frame === 0 && isSeen) frame = requestAnimationFrame(next)
  }
  return {
    wake,
    see: (isInSight: boolean) => {
      isSeen = isInSight
      wake()
    },
    stop: () => cancelAnimationFrame(frame),
  }
}

/** The graphics card may be taken away, and given back. Returns how to take back what was said. */
function listenForLoss(host: HTMLElement, canvas: HTMLCanvasElement, wake: () => void): () => void {
  let takeBack = () => {}
  canvas.addEventListener('webglcontextlost', (event) => {
    event.preventDefault()
    canvas.hidden = true
    takeBack = refuse(host, NO_WEBGL)
  })
  canvas.addEventListener('webglcontextrestored', () => {
    takeBack()
    canvas.hidden = false
    wake()
  })
  return () => takeBack()
}
