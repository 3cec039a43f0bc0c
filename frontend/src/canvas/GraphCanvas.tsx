import { useEffect, useRef } from 'react'
import { useEditor } from '../editor/store'
import { useRun } from '../run/store'
import { paint } from './painter'
import { useCanvas } from './state'
import { onThemeChange, theme } from './theme'
import { onThumb } from './thumbs'
import { camera, decideTier } from './view'

const MOST_RATIO = 2

/** One canvas for all edges and, far away, for all nodes. Draws at most once in a frame. */
export function GraphCanvas() {
  const element = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const drawn = element.current
    const ink = drawn?.getContext('2d', { alpha: false })
    if (!drawn || !ink) return
    let frame = 0
    const draw = () => {
      frame = 0
      const { width, height } = camera.size
      const ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO)
      const wide = Math.round(width * ratio)
      const high = Math.round(height * ratio)
      if (wide === 0 || high === 0) return
      if (drawn.width !== wide || drawn.height !== high) {
        drawn.width = wide
        drawn.height = high
      }
      paint(ink, camera.view, width, height, ratio)
    }
    const kick = () => {
      if (frame === 0) frame = requestAnimationFrame(draw)
    }
    const leave = [
      camera.store.subscribe((now, before) => {
        if (now.view === before.view && now.width === before.width && now.height === before.height)
          return
        // In the same breath as the change, so that nothing is mounted that is about to go.
        decideTier()
        kick()
      }),
      useEditor.subscribe(kick),
      useCanvas.subscribe(kick),
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
