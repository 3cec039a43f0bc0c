import { type CSSProperties, useId } from 'react'
import { toast } from '../../editor/actions'
import { useEditor } from '../../editor/store'
import { unpackStage } from '../../editor/unpacking'
import { stageOf } from '../../graph/documentReaders'
import { notUnpackable } from '../../graph/edits/unpack'
import { type InnerStage, insideOf } from '../../graph/nesting'
import { metaOf } from '../../graph/nodes'
import { localOf } from '../../graph/stageReader'
import { Icon, iconOf } from '../../parts/ToolIcon'
import { useStep } from '../../run/store'
import { statusWords } from '../../run/words'

/** The stages inside a stage, as they are, and the way to take them out. */
export function InsideSection({ node }: { node: string }) {
  const id = useId()
  const doc = useEditor((state) => state.doc)
  const canEdit = useEditor((state) => state.canEdit)
  const list = insideOf(stageOf(doc, node))
  if (list.length === 0) return null
  const reason = notUnpackable(doc, node)
  return (
    <section className="inside-section" aria-labelledby={id}>
      <header>
        <h3 id={id}>Inside</h3>
        {canEdit && (
          <button
            type="button"
            className="btn btn-s"
            aria-disabled={reason !== null || undefined}
            aria-describedby={reason === null ? undefined : `${id}-reason`}
            onClick={() => {
              if (reason === null) unpackStage(node)
              else toast(reason)
            }}
          >
            Unpack
          </button>
        )}
      </header>
      <ol>
        {list.map((inner) => (
          <Inner key={inner.stage.id} inner={inner} />
        ))}
      </ol>
      {canEdit && (
        <p className="help" id={`${id}-reason`}>
          {reason === null
            ? 'Unpack to change these stages or connect them.'
            : `To unpack: ${reason.slice(0, 1).toLowerCase()}${reason.slice(1)}`}
        </p>
      )}
    </section>
  )
}

function Inner({ inner }: { inner: InnerStage }) {
  const tools = useEditor((state) => state.tools)
  const step = useStep(inner.stage.id)
  const local = localOf(inner.record, tools)
  const words = step && statusWords(step, undefined, { isRunning: true })
  const state = words && (words.pill || (step.status === 'completed' ? 'Done' : words.meta))
  const { title } = local.named
  const meta = metaOf(local)
  const isGroup = local.tool === null && inner.stage.subStages.length > 0
  return (
    <li style={{ '--depth': inner.depth } as CSSProperties}>
      <Icon name={isGroup ? 'layers' : iconOf(local.tool, inner.stage.type ?? 'fixed')} />
      <span className="inside-names">
        <b className="clip" title={title} dir="auto">
          {title}
        </b>
        {meta !== title && <small className="clip">{meta}</small>}
      </span>
      {words && (
        <span className={`pill ${words.tone === 'will' ? '' : words.tone}`} title={words.meta}>
          {words.tone === 'pill-live' && <span className="dot" />}
          {state}
        </span>
      )}
    </li>
  )
}
