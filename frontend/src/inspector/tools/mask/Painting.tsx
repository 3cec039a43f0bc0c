import { Redo2, Undo2 } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Point } from '../../../editor/store'
import type { Size } from '../../../parts/mediaTool/view'
import type { Source } from '../../../run/source'
import { PictureStage } from '../PictureStage'
import { Moment } from './Moment'
import type { Paint } from './paint'
import type { Brush } from './tools'

interface Props {
  source: Source
  size: Size | null
  onSize: (size: Size) => void
  paint: Paint | null
  brush: Brush
}

const nothing = () => () => {}

/** Render again with every change of a mask. */
export function usePainted(paint: Paint | null): void {
  useSyncExternalStore(paint?.subscribe ?? nothing, () => paint?.version ?? 0)
}

/** The picture with its mask over it, and the brush. */
export function Painting({ source, size, onSize, paint, brush }: Props) {
  usePainted(paint)
  const canvas = useRef<HTMLCanvasElement>(null)
  const media = useRef<HTMLVideoElement & HTMLImageElement>(null)
  const [at, setAt] = useState<Point | null>(null)
  useEffect(() => {
    paint?.show(canvas.current)
    return () => paint?.show(null)
  }, [paint])
  useEffect(() => paint?.paintIn(brush.colour), [paint, brush.colour])
  const isRound = brush.shape === 'brush' || brush.shape === 'eraser'
  return (
    <div className="tool-main">
      <PictureStage
        source={source}
        size={size}
        onSize={onSize}
        mediaRef={media}
        className={isRound ? 'is-brush' : 'is-cross'}
        label={`${source.kind === 'video' ? 'Video frame' : 'Image'}. Move the brush with arrow keys, press Enter to start or stop painting.`}
        holdsKey
        down={(place, press) => {
          const erases = press.isOther || (isRound ? brush.shape === 'eraser' : brush.erases)
          paint?.down(place, brush, erases, press.pressure)
        }}
        move={(place, pressure) => paint?.move(place, pressure)}
        up={() => paint?.up()}
        cancel={() => paint?.cancel()}
        hover={setAt}
        beside={paint && <Steps paint={paint} />}
      >
        {(scale) => (
          <>
            <canvas
              ref={canvas}
              className="mask-over"
              style={{
                opacity: brush.opacity,
                filter: paint?.feather ? `blur(${(paint.feather * scale) / 3}px)` : 'none',
              }}
            />
            {size && paint && <Outline points={paint.outline} size={size} />}
            {size && at && isRound && <Ring at={at} brush={brush} size={size} scale={scale} />}
          </>
        )}
      </PictureStage>
      {source.kind === 'video' && <Moment video={media} duration={source.duration} />}
    </div>
  )
}

function Steps({ paint }: { paint: Paint }) {
  const { canUndo, canRedo } = paint.strokes
  return (
    <>
      <button
        type="button"
        aria-label="Undo"
        title="Undo (Ctrl Z)"
        aria-disabled={!canUndo || undefined}
        onClick={() => canUndo && paint.undo()}
      >
        <Undo2 className="i i-14" aria-hidden />
      </button>
      <button
        type="button"
        aria-label="Redo"
        title="Redo (Ctrl Shift Z)"
        aria-disabled={!canRedo || undefined}
        onClick={() => canRedo && paint.redo()}
      >
        <Redo2 className="i i-14" aria-hidden />
      </button>
      <span className="on-picture-rule" aria-hidden />
    </>
  )
}

/** A lasso or a rectangle on its way. */
function Outline({ points, size }: { points: readonly Point[]; size: Size }) {
  if (points.length < 2) return null
  const path = points.map(({ x, y }) => `${x},${y}`).join(' ')
  return (
    <svg className="mask-line" viewBox={`0 0 ${size.width} ${size.height}`} aria-hidden>
      <polygon points={path} />
      <polygon points={path} />
    </svg>
  )
}

/** A ring that shows the brush's reach. */
function Ring({ at, brush, size, scale }: { at: Point; brush: Brush; size: Size; scale: number }) {
  const across = (brush.size / 1000) * Math.max(size.width, size.height) * scale
  return (
    <span
      className={`mask-ring${brush.shape === 'eraser' ? ' is-eraser' : ''}`}
      style={{
        width: across,
        height: across,
        left: at.x * scale - across / 2,
        top: at.y * scale - across / 2,
      }}
      aria-hidden
    />
  )
}
