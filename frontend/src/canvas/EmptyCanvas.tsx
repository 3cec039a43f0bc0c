import { LayoutTemplate, Plus } from 'lucide-react'
import { open } from '../editor/actions'
import { useEditor } from '../editor/store'
import { middle } from './view'

/** What stands on a canvas without stages: ways to begin. */
export function EmptyCanvas() {
  const canEdit = useEditor((state) => state.canEdit)
  if (!canEdit) return <p className="starters muted">This template has no stages.</p>
  return (
    <div className="starters" data-own-pointer="">
      <button type="button" className="starter" onClick={() => open({ name: 'add', at: middle() })}>
        <Plus className="i i-20" aria-hidden />
        <b>Add a stage</b>
        <span>Choose a tool, then connect the next one.</span>
      </button>
      <a className="starter" href="/">
        <LayoutTemplate className="i i-20" aria-hidden />
        <b>Start from a template</b>
        <span>Remix one from the gallery.</span>
      </a>
    </div>
  )
}
