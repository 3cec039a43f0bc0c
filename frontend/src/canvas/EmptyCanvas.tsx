import { LayoutTemplate, Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { open } from '../editor/actions'
import { useEditor } from '../editor/store'

/** Ways to begin, on a canvas without stages. composer: the box for a brief. */
export function EmptyCanvas({ composer }: { composer: ReactNode }) {
  const canEdit = useEditor((state) => state.canEdit)
  if (!canEdit) return <p className="starters muted">This template has no stages.</p>
  return (
    <div className="starters" data-own-pointer="">
      <section className="starter starter-describe" aria-label="Describe it">
        <h3>What should it make?</h3>
        {composer}
      </section>
      <button type="button" className="starter" onClick={() => open({ name: 'add' })}>
        <Plus className="i i-20" aria-hidden />
        <b>Add a stage</b>
        <span>Choose a tool, then connect the next one.</span>
      </button>
      <a className="starter" href="/">
        <LayoutTemplate className="i i-20" aria-hidden />
        <b>Open the gallery</b>
        <span>Remix a template.</span>
      </a>
    </div>
  )
}
