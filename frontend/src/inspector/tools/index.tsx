/** Controls that set an argument by hand: on the image or on the timeline itself. */

import { useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import type { LaterPart } from '../../parts/later'
import { type ByHandProps, control } from './control'

interface Row {
  /** On the button: a verb and what it is done to. */
  readonly label: string
  readonly Control: LaterPart<ByHandProps>
}

const MaskTool = control(
  'Draw mask',
  () => import('./mask/MaskTool'),
  (found) => found.MaskTool,
)

const MarksTool = control(
  'Select in image',
  () => import('./marks/MarksTool'),
  (found) => found.MarksTool,
)

const RangeTool = control(
  'Choose start and end',
  () => import('./range/RangeTool'),
  (found) => found.RangeTool,
)

const CueTool = control(
  'Edit subtitles',
  () => import('./cues/CueTool'),
  (found) => found.CueTool,
)

const OverlayTool = control(
  'Place overlays',
  () => import('./overlays/OverlayTool'),
  (found) => found.OverlayTool,
)

/** By the tool's name and the argument's: a port or a parameter. */
const ROWS: Readonly<Record<string, Row>> = {
  'add_subtitles/cues': { label: 'Edit with video', Control: CueTool },
  'edit_image/mask': { label: 'Draw mask', Control: MaskTool },
  'overlay_video/overlays': { label: 'Place on video', Control: OverlayTool },
  // Below both of its ends.
  'replace_video_segment/endSeconds': { label: 'Choose on timeline', Control: RangeTool },
  'replace_video_segment/replacementEndSeconds': {
    label: 'Choose on timeline',
    Control: RangeTool,
  },
  'sound_to_video/audioStart': { label: 'Choose on timeline', Control: RangeTool },
  'sound_to_video/duration': { label: 'Choose on timeline', Control: RangeTool },
  'video_to_video/videoStart': { label: 'Choose on timeline', Control: RangeTool },
  // Where the picture is given it is always in sight; the plain fields are folded away.
  'segment_image/image': { label: 'Select in image', Control: MarksTool },
  'segment_image/points': { label: 'Place points', Control: MarksTool },
  'segment_image/boxes': { label: 'Place boxes', Control: MarksTool },
  'video_to_video/mask': { label: 'Draw mask', Control: MaskTool },
}

/** A button beside a plain field that opens the control for it; nothing where there is none. */
export function ByHand({ node, tool, argument }: Omit<ByHandProps, 'onClose'>) {
  const [isOpen, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const row = ROWS[`${tool.name}/${argument}`]
  if (!row) return null
  const { label, Control } = row
  const close = () => {
    setOpen(false)
    // What stood in the dialog may have changed since: it cannot know where the keyboard was.
    requestAnimationFrame(() => button.current?.focus())
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        className="btn btn-s add-row"
        onPointerEnter={Control.fetch}
        onFocus={Control.fetch}
        onClick={() => setOpen(true)}
      >
        {label}…
      </button>
      {isOpen &&
        createPortal(
          <Control node={node} tool={tool} argument={argument} onClose={close} />,
          document.body,
        )}
    </>
  )
}
