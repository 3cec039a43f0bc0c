import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { type ReactNode, type Ref, useState } from 'react'
import type { Point } from '../../editor/store'
import { cornerOf, type Size, scaleOf } from '../../parts/mediaTool/view'
import type { Source } from '../../run/source'
import { usePan } from './usePan'
import { usePointers } from './usePointers'
import { type Seen, useView } from './useView'

/** A press of a pointer, or of Enter. pressure: 0 to 1; of all but pens, 0.5. */
export interface Press {
  readonly pressure: number
  /** The turned end of a pen, or Alt. */
  readonly isOther: boolean
  readonly isShift: boolean
}

/** The handlers of presses and drags. Places are pixels of the picture, also outside of it. */
export interface Doing {
  readonly down: (at: Point, press: Press) => void
  readonly move: (at: Point, pressure: number) => void
  readonly up: () => void
  /** A second finger came, or the pointer was taken away. */
  readonly cancel: () => void
  /** The pointer is over it, or left it. */
  readonly hover?: (at: Point | null) => void
}

interface Props extends Doing {
  source: Source
  size: Size | null
  onSize: (size: Size) => void
  label: string
  /** Drawn over the picture. scale: CSS pixels per pixel of the picture. */
  children?: (scale: number) => ReactNode
  mediaRef?: Ref<HTMLImageElement & HTMLVideoElement>
  className?: string
  /** Beside the buttons that enlarge. */
  beside?: ReactNode
  /** Enter presses and the next Enter lets go; else it does both. */
  holdsKey?: boolean
}

const STEP = 1.4

/**
 * A picture to work on: Ctrl and the wheel or two fingers enlarge it, the wheel or Space moves it.
 * Arrow keys move a hand over it, which Enter presses.
 */
export function PictureStage(props: Props) {
  const { size, label, holdsKey = false } = props
  const pictureView = useView(size)
  const { hand, isDown, isSpace, rest, keys } = usePan(pictureView, props, size, holdsKey)
  const pointers = usePointers(pictureView, props, isSpace)
  const [isBroken, setBroken] = useState(false)
  const scale = size ? scaleOf(size, pictureView.space, pictureView.view) : 1
  const corner = size ? cornerOf(size, pictureView.space, pictureView.view) : { x: 0, y: 0 }
  const frame = {
    left: corner.x,
    top: corner.y,
    width: size ? size.width * scale : 0,
    height: size ? size.height * scale : 0,
  }
  return (
    <div className="on-picture">
      <div
        ref={pictureView.room}
        className={`on-picture-room ${props.className ?? ''}`}
        role="application"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys do what the pointer does.
        tabIndex={0}
        {...keys}
        {...pointers}
        onPointerMove={(event) => {
          rest()
          pointers.onPointerMove(event)
        }}
        onContextMenu={(event) => event.preventDefault()}
      >
        <div className="on-picture-in" style={frame}>
          <Look {...props} onBroken={() => setBroken(true)} />
          {size && props.children?.(scale)}
          {hand && (
            <span
              className={`on-picture-hand${isDown ? ' is-down' : ''}`}
              style={{ left: hand.x * scale, top: hand.y * scale }}
              aria-hidden
            />
          )}
        </div>
      </div>
      {isBroken && (
        <p className="on-picture-broken" role="alert">
          Couldn't load the {props.source.kind}. Close and try again.
        </p>
      )}
      <div className="on-picture-zoom">
        {props.beside}
        <Zooming seen={pictureView} />
      </div>
    </div>
  )
}

function Zooming({ seen }: { seen: Seen }) {
  return (
    <>
      <button
        type="button"
        aria-label="Zoom out"
        title="Zoom out (−)"
        onClick={() => seen.zoomBy(1 / STEP)}
      >
        <ZoomOut className="i i-14" aria-hidden />
      </button>
      <output className="num" aria-label="Zoom">
        {Math.round(seen.view.zoom * 100)}%
      </output>
      <button
        type="button"
        aria-label="Zoom in"
        title="Zoom in (+)"
        onClick={() => seen.zoomBy(STEP)}
      >
        <ZoomIn className="i i-14" aria-hidden />
      </button>
      <button type="button" aria-label="Fit" title="Fit (0)" onClick={seen.fit}>
        <Maximize className="i i-14" aria-hidden />
      </button>
    </>
  )
}

/** The file itself: it lies still under what is done on it. */
function Look({ source, onSize, mediaRef, onBroken }: Props & { onBroken: () => void }) {
  if (source.kind === 'video')
    return (
      <video
        ref={mediaRef}
        src={source.url}
        muted
        playsInline
        preload="auto"
        onError={onBroken}
        onLoadedMetadata={({ currentTarget: video }) =>
          onSize({ width: video.videoWidth, height: video.videoHeight })
        }
      />
    )
  return (
    <img
      ref={mediaRef}
      src={source.url}
      alt=""
      draggable={false}
      onError={onBroken}
      onLoad={({ currentTarget: image }) =>
        onSize({ width: image.naturalWidth, height: image.naturalHeight })
      }
    />
  )
}
