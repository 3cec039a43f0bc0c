import { ArrowUp, ExternalLink } from 'lucide-react'
import { useId, useState } from 'react'
import type { Use } from '../../api/schema'
import { toast } from '../../editor/actions'
import { runCommand } from '../../editor/commands'
import { editor, useEditor } from '../../editor/store'
import { unpackStage } from '../../editor/unpacking'
import { addUse } from '../../editor/uses'
import { stageOf } from '../../graph/documentReaders'
import { notUnpackable } from '../../graph/edits/unpack'
import { stagesUsing, updateUse } from '../../graph/edits/uses'
import { countWords, UNAVAILABLE } from '../../graph/nodes'
import { Icon } from '../../parts/ToolIcon'
import { perform } from '../perform'

/** The template that a stage is: which version, the way to it, and to a newer one. */
export function UseSection({ node }: { node: string }) {
  const id = useId()
  const use = useEditor((state) => state.tools.use(stageOf(state.doc, node).tool))
  if (!use) return <Unavailable />
  return (
    <section className="use-section" aria-labelledby={id}>
      <header>
        <h3 id={id}>Template stage</h3>
        {use.mayOpen && (
          <a href={`/t/${use.template}`} target="_blank" rel="noreferrer" className="btn btn-s">
            Open template
            <ExternalLink className="i i-12" aria-hidden />
          </a>
        )}
      </header>
      <div className="use-card">
        <p>
          <Icon name="layers" />
          <span>
            <b className="clip" title={use.title}>
              {use.title} {use.version}
            </b>
            <small className="clip">{`by ${use.owner}, ${countWords(use.stages)}`}</small>
          </span>
        </p>
        {use.newer !== '' && <Newer node={node} use={use} />}
      </div>
      <Unpack node={node} />
    </section>
  )
}

/** The way to change what is inside: its stages in its place. */
function Unpack({ node }: { node: string }) {
  const id = useId()
  const canEdit = useEditor((state) => state.canEdit)
  const reason = useEditor((state) => notUnpackable(state.doc, node))
  if (!canEdit) return null
  return (
    <div className="use-unpack">
      <button
        type="button"
        className="btn btn-s"
        aria-disabled={reason !== null || undefined}
        aria-describedby={id}
        onClick={() => (reason === null ? unpackStage(node) : toast(reason))}
      >
        Unpack
      </button>
      <p className="help" id={id}>
        {reason === null
          ? 'Unpack to change its stages here.'
          : `To unpack: ${reason.slice(0, 1).toLowerCase()}${reason.slice(1)}`}
      </p>
    </div>
  )
}

/** The offer of a newer version, to this stage and to all that are the same one. */
function Newer({ node, use }: { node: string; use: Use }) {
  const canEdit = useEditor((state) => state.canEdit)
  const doc = useEditor((state) => state.doc)
  const [isBusy, setBusy] = useState(false)
  const all = stagesUsing(doc, use.reference)
  const update = async (keys: readonly string[]) => {
    setBusy(true)
    try {
      const newer = await addUse(use.template, use.newer)
      perform(updateUse(editor().doc, keys, use.reference, newer))
    } catch (error) {
      toast((error as Error).message)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="use-newer">
      <span className="pill">
        <ArrowUp className="i" aria-hidden />
        {use.newer} available
      </span>
      <button type="button" className="btn btn-s" onClick={() => runCommand('compare.use')}>
        See what changed
      </button>
      {canEdit && (
        <>
          <button
            type="button"
            className="btn btn-s"
            disabled={isBusy}
            onClick={() => void update([node])}
          >
            Update
          </button>
          {all.length > 1 && (
            <button
              type="button"
              className="btn btn-s"
              disabled={isBusy}
              onClick={() => void update(stagesUsing(editor().doc, use.reference))}
            >
              Update all {all.length} uses
            </button>
          )}
        </>
      )}
    </div>
  )
}

function Unavailable() {
  const id = useId()
  const canEdit = useEditor((state) => state.canEdit)
  return (
    <section className="use-section" aria-labelledby={id}>
      <h3 id={id}>{UNAVAILABLE}</h3>
      <p className="help">
        It was deleted, taken down or never shared with this template.
        {canEdit && ' Choose something else below, or delete this stage.'}
      </p>
    </section>
  )
}
