import { Plus, X } from 'lucide-react'
import { useId, useState } from 'react'
import type { Doc } from '../../api/schema'
import { editor, useEditor } from '../../editor/store'
import { readableStages } from '../../graph/documentReaders'
import { nameOf } from '../../graph/edit'
import {
  addOutput,
  MAX_OUTPUTS,
  moveOutput,
  outputsOf,
  removeOutput,
  renameOutput,
  type TemplateOutput,
} from '../../graph/edits/outputs'
import { Shape } from '../../parts/Shape'
import { perform } from '../perform'
import { Sortable } from '../Sortable'

/** The results that the template is used for; the first is the main one. */
export function OutputList() {
  const doc = useEditor((state) => state.doc)
  const canEdit = useEditor((state) => state.canEdit)
  const wiring = useEditor((state) => state.wiring)
  const menu = useId()
  const outputs = outputsOf(doc)
  const stages = readableStages(doc)
  if (stages.length === 0) return null
  const titleAt = (at: number) => outputs[at]?.label || outputs[at]?.name || ''
  return (
    <section className="panel-section">
      <h3>
        Outputs
        {canEdit && outputs.length < MAX_OUTPUTS && (
          <>
            <button
              type="button"
              className="btn btn-s btn-bare add-input"
              popoverTarget={menu}
              aria-haspopup="menu"
            >
              <Plus className="i i-14" aria-hidden />
              Add<span className="visually-hidden"> an output</span>
            </button>
            <AddMenu id={menu} stages={stages} />
          </>
        )}
      </h3>
      {outputs.length === 0 && <p className="help">The last result is the output.</p>}
      <fieldset disabled={!canEdit}>
        <Sortable
          keys={outputs.map((output) => output.name)}
          nameOf={titleAt}
          onMove={(from, to) => perform(moveOutput(editor().doc, from, to))}
        >
          {(at) => {
            const output = outputs[at]
            if (!output) return null
            const kind = wiring.nodes.get(output.stage ?? '')?.kind ?? 'choice'
            return (
              <>
                <Shape kind={kind} />
                <Label key={output.label} output={output} title={titleAt(at)} />
                <span
                  className={`output-source clip faint${output.stage === null ? ' is-bad' : ''}`}
                >
                  {sourceOf(doc, output)}
                </span>
                <button
                  type="button"
                  className="mini-btn on-hover"
                  aria-label={`Remove output ${titleAt(at)}`}
                  onClick={() => perform(removeOutput(editor().doc, output.name))}
                >
                  <X className="i i-14" aria-hidden />
                </button>
              </>
            )
          }}
        </Sortable>
      </fieldset>
    </section>
  )
}

/** The stage whose result it is, where the label doesn't say so already. */
function sourceOf(doc: Doc, { stage, label }: TemplateOutput): string {
  if (stage === null) return 'No stage makes it'
  const title = nameOf(doc, stage)
  return title === label ? '' : title
}

/** The label of an output, which is written in its place. */
function Label({ output, title }: { output: TemplateOutput; title: string }) {
  const [text, setText] = useState(title)
  const commit = () => {
    if (text.trim() !== title) perform(renameOutput(editor().doc, output.name, text))
  }
  return (
    <input
      className="input output-label"
      aria-label={`Label of output ${title}`}
      value={text}
      maxLength={200}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit()
        else if (event.key === 'Escape' && text !== title) {
          event.stopPropagation()
          setText(title)
        }
      }}
    />
  )
}

function AddMenu({ id, stages }: { id: string; stages: readonly string[] }) {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  return (
    <div className="menu add-menu" id={id} popover="auto" role="menu" aria-label="Add an output">
      {stages.map((key) => (
        <button
          type="button"
          role="menuitem"
          key={key}
          onClick={() => {
            document.getElementById(id)?.hidePopover?.()
            perform(addOutput(editor().doc, key))
          }}
        >
          <Shape kind={wiring.nodes.get(key)?.kind ?? 'choice'} />
          {nameOf(doc, key)}
        </button>
      ))}
    </div>
  )
}
