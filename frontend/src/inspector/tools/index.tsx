/** Controls that set an argument by hand: on the picture or on the timeline itself. */

import { useState } from 'react'
import { createPortal } from 'react-dom'
import type { LaterPart } from '../../parts/later'
import { type ByHandProps, control } from './control'

interface Row {
  /** On the button: a verb and what it is done to. */
  readonly label: string
  readonly Control: LaterPart<ByHandProps>
}

const MaskTool = control(
  'Draw the mask',
  () => import('./mask/MaskTool'),
  (found) => found.MaskTool,
)

const MarksTool = control(
  'Mark on the picture',
  () => import('./marks/MarksTool'),
  (found) => found.MarksTool,
)

/** By the tool's name and the argument's: a port or a parameter. */
const ROWS: Readonly<Record<string, Row>> = {
  'edit_image/mask': { label: 'Draw the mask', Control: MaskTool },
  // Where the picture is given it is always in sight; the plain fields are folded away.
  'segment_image/image': { label: 'Mark on the picture', Control: MarksTool },
  'segment_image/points': { label: 'Place points', Control: MarksTool },
  'segment_image/boxes': { label: 'Place boxes', Control: MarksTool },
  'video_to_video/mask': { label: 'Draw the mask', Control: MaskTool },
}

/** A button beside a plain field that opens the control for it; nothing where there is none. */
export function ByHand({ node, tool, argument }: Omit<ByHandProps, 'onClose'>) {
  const [isOpen, setOpen] = useState(false)
  const row = ROWS[`${tool.name}/${argument}`]
  if (!row) return null
  const { label, Control } = row
  return (
    <>
      <button
        type="button"
        className="btn btn-s add-row"
        onPointerEnter={Control.fetch}
        onFocus={Control.fetch}
        onClick={() => setOpen(true)}
      >
        {label} …
      </button>
      {isOpen &&
        createPortal(
          <Control node={node} tool={tool} argument={argument} onClose={() => setOpen(false)} />,
          document.body,
        )}
    </>
  )
}
