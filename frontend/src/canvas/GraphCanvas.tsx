import { useEffect, useRef } from 'react'
import { useEditor } from '../editor/store'
import { useRun } from '../run/store'
import { Painter } from './painter'
import { type CanvasState, useCanvas } from './state'
import { onThemeChange, theme } from './theme'
import { onThumb } from './thumbs'
import { camera, decideTier } from './view'

const MOST_RATIO = 2

const DRAWN = ['isFar', 'isReady', 'hoveredWire', 'isKeyed'] as const

/** Whether only what is being moved or boxed has changed, of all that is drawn. */
function isInHand(now: CanvasState, before: CanvasState): boolean {
  const isOneMove = (now.moving === null) === (before.moving === null)
  return isOneMove && DRAWN.every((key) => now[key] === before[key])
}

/** One canvas for all edges and, far away, for all nodes. Draws at most once in a frame. */
export function GraphCanvas() {
  const element = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const drawn = element.current
    const ink = drawn?.getContext('2d', { alpha: false })
    if (!drawn || !ink) return
    const painter = new Painter(drawn, ink)
    let frame = 0
    const draw = () => {
      frame = 0
      const { view } = camera
      const { width, height } = camera.size
      const ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO)
      if (Math.round(width * ratio) === 0 || Math.round(height * ratio) === 0) return
      painter.paint({ view, width, height, ratio })
    }
    const move = () => {
      if (frame === 0) frame = requestAnimationFrame(draw)
    }
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
      useEditor.subscribe(kick),
      useCanvas.subscribe((now, before) => (isInHand(now, before) ? move() : kick())),
      useRun.subscribe(kick),
      onThemeChange(kick),
    ]
    onThumb(kick)
    // Titles drawn before the font is there would stay in another one.
    void document.fonts.load(`600 15px ${theme().font}`).then(kick)
    kick()
    return () => {
      cancelAnimationFrame(frame)
      onThumb(() => undefined)
      for (const stop of leave) stop()
    }
  }, [])
  return <canvas className="ground" ref={element} aria-hidden />
}
