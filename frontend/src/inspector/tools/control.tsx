import type { ComponentType } from 'react'
import type { Tool } from '../../api/schema'
import { type LaterPart, later } from '../../parts/later'
import { ToolDialog } from '../../parts/mediaTool/ToolDialog'

/** The place of a control. argument: the port's or parameter's name, as the tool declares it. */
export interface ByHandProps {
  node: string
  tool: Tool
  argument: string
  onClose: () => void
}

/** A control that comes when it is asked for. title: of the dialog that says it could not come. */
export function control<M>(
  title: string,
  load: () => Promise<M>,
  pick: (found: M) => ComponentType<ByHandProps>,
): LaterPart<ByHandProps> {
  return later(load, pick, {
    frame: (sorry, { onClose }) => (
      <ToolDialog title={title} onClose={onClose}>
        {sorry}
      </ToolDialog>
    ),
  })
}
