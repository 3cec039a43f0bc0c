/** The file that a stage changed into its result, to be compared with it. */

import { useMemo } from 'react'
import type { Medium, Tool } from '../../api/schema'
import { useEditor } from '../../editor/store'
import { stageOf } from '../../graph/documentReaders'
import { findSource, type Source } from '../source'
import { useRun } from '../store'

/** The port whose medium a tool changes into its result, when it does that; "" when it does not. */
export function changedPort(tool: Tool, made: Medium['kind']): string {
  const first = tool.ports[0]
  // Those that join many make something new of them.
  const isIt = first?.isRequired && first.kind === made && first.implied !== 'all'
  return isIt ? first.name : ''
}

/** Return the file that a result, also of a batch's item, was made of, or null. */
export function useBefore(stage: string, made: Medium, item: number): Source | null {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const tools = useEditor((state) => state.tools)
  const media = useEditor((state) => state.media)
  const results = useRun((state) => state.results)
  return useMemo(() => {
    const tool = tools.get(stageOf(doc, stage).tool)
    const port =
      tool && (made.kind === 'image' || made.kind === 'video') && changedPort(tool, made.kind)
    const source = port
      ? findSource({ doc, wiring, tools, media, results }, stage, port, item).source
      : null
    return source?.kind === made.kind && source.url !== made.url ? source : null
  }, [doc, wiring, tools, media, results, stage, made, item])
}
