import { Fragment, type ReactNode } from 'react'
import { ToolDialog } from '../../parts/mediaTool/ToolDialog'
import type { Source } from '../../run/source'
import type { ByHandProps } from './control'
import { useEditMedium } from './editMedium'
import { NoSource } from './NoSource'

interface Props extends Omit<ByHandProps, 'argument'> {
  port: string
  title: string
  kind: 'video' | 'audio'
  /** Starts over when another file comes. */
  children: (source: Source) => ReactNode
}

/** A tool on what an input of a stage will get; while there is nothing, how to get it. */
export function OnSource({ node, tool, port, title, kind, onClose, children }: Props) {
  const { result, choose } = useEditMedium(node, tool, port)
  if (result.source === null)
    return (
      <ToolDialog title={title} onClose={onClose}>
        <NoSource lack={result.lack} kind={kind} onPick={choose} />
      </ToolDialog>
    )
  const { source } = result
  return <Fragment key={source.url.split('?')[0]}>{children(source)}</Fragment>
}
