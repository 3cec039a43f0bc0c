import { SquareSplitHorizontal } from 'lucide-react'
import { useState } from 'react'
import { createPortal } from 'react-dom'
import type { Medium } from '../../api/schema'
import { useEditor } from '../../editor/store'
import { later } from '../../parts/later'
import { ToolDialog } from '../../parts/mediaTool/ToolDialog'
import { useBefore } from './before'

const CompareDialog = later(
  () => import('./CompareDialog'),
  (found) => found.CompareDialog,
  {
    frame: (sorry, { onClose }) => (
      <ToolDialog title="Before and after" onClose={onClose}>
        {sorry}
      </ToolDialog>
    ),
  },
)

interface Props {
  stage: string
  medium: Medium
  /** The number of a batch's item that made it. */
  item?: number | undefined
}

/** A button that compares a result with what it was made of; nothing where that is not known. */
export function Compare({ stage, medium, item = 0 }: Props) {
  const [isOpen, setOpen] = useState(false)
  const before = useBefore(stage, medium, item)
  const title = useEditor((state) => state.wiring.nodes.get(stage)?.title ?? stage)
  if (!before || (medium.kind !== 'image' && medium.kind !== 'video')) return null
  const { kind } = medium
  return (
    <>
      <button
        type="button"
        className="btn btn-s"
        title={`Compare with ${before.from.title || 'its source'}`}
        onClick={() => setOpen(true)}
      >
        <SquareSplitHorizontal className="i i-12" aria-hidden />
        Compare
      </button>
      {isOpen &&
        createPortal(
          <CompareDialog
            before={{ url: before.url, kind, title: before.from.title }}
            after={{ url: medium.url, kind, title }}
            onClose={() => setOpen(false)}
          />,
          document.body,
        )}
    </>
  )
}
