import { useEffect } from 'react'
import { setMode } from '../editor/actions'
import { useEditor } from '../editor/store'
import { ChangeList } from './ChangeList'
import { announce } from './comparison'
import { Differences } from './Differences'
import { compare, comparing, useCompare } from './store'

/** Two sides of a template: what differs as a list, on the graph, and field by field. */
export function Compare() {
  const base = useEditor((state) => state.base)
  const from = useCompare((state) => state.from)
  const to = useCompare((state) => state.to)
  useEffect(() => {
    if (comparing().from !== undefined) return
    void compare(base.number, null).then((isThere) => !isThere && setMode('edit'))
  }, [base])
  // biome-ignore lint/correctness/useExhaustiveDependencies: other sides are other news.
  useEffect(announce, [from, to])
  return <Differences list={ChangeList} />
}
