import { useEffect, useRef } from 'react'
import { useEditor } from '../editor/store'
import { useRun } from '../run/store'
import { leaveDraw, nextDraw } from '../viewport/frames'
import { Painter } from './painter'
import { type CanvasState, useCanvas } from './state'
import { onThemeChange, theme } from './theme'
import { onThumb } from './thumbs'
import { camera, decideTier } from './view'

const MOST_RATIO = 2

/** The keys of each store that the painter reads, apart from what is being moved or boxed. */
const OF_CANVAS = ['isFar', 'isReady', 'hoveredWire', 'isKeyed'] as const
const OF_EDITOR = ['doc', 'wiring', 'selection', 'wire', 'focused', 'mode'] as const
const OF_RUN = ['run', 'steps', 'results', 'quoteOf'] as const

function differs<State>(keys: readonly (keyof State)[], now: State, before: State): boolean {
  return keys.some((key) => now[key] !== before[key])
}

/** Return true if the things that stay during a move are drawn otherwise. */
function isRestNew(now: CanvasState, before: CanvasState): boolean {
  const isOneMove = (now.moving === null) === (before.moving === null)
  return !isOneMove || differs(OF_CANVAS, now, before)
}

/** One canvas for all edges and, far away, for all nodes. Draws at most once in a frame. */
export function GraphCanvas() {
  const element = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const surface = element.current
    const ink = surface?.getContext('2d', { alpha: false })
    if (!surface || !ink) return
    const painter = new Painter(surface, ink)
    const draw = () => {
      const { view } = camera
      const { width, height } = camera.size
      const ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO)
      if (Math.round(width * ratio) === 0 || Math.round(height * ratio) === 0) return
      painter.paint({ view, width, height, ratio })
    }
    const move = () => nextDraw(draw)
    const kick = () => {
      painter.forget()
      move()
    }
    const leave = [
      camera.store.subscribe((now, before) => {
        if (now.view === before.view && now.width === before.width && now.height === before.height)
          return
        // In the same breath as the change, so that nothing is mounted that is about to go.
        decideTier()
        move()
      }),
      // People point, quotes are asked for: nothing of that is drawn here.
      useEditor.subscribe((now, before) => differs(OF_EDITOR, now, before) && kick()),
      useCanvas.subscribe((now, before) => (isRestNew(now, before) ? kick() : move())),
      useRun.subscribe((now, before) => differs(OF_RUN, now, before) && kick()),
      onThemeChange(kick),
    ]
    onThumb(kick)
    // Titles drawn before the font is there would stay in another one.
    void document.fonts.load(`600 15px ${theme().font}`).then(kick)
    kick()
    return () => {
      leaveDraw(draw)
      onThumb(() => undefined)
      for (const stop of leave) stop()
    }
  }, [])
  return <canvas className="ground" ref={element} aria-hidden />
}
