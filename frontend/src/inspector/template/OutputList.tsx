import { X } from 'lucide-react'
import { useState } from 'react'
import type { Doc } from '../../api/schema'
import { editor, useEditor } from '../../editor/store'
import { pressedKey } from '../../frame/press'
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
import { AddMenu } from './AddMenu'

/** The results that the template is used for; the first is the main one. */
export function OutputList() {
  const doc = useEditor((state) => state.doc)
  const canEdit = useEditor((state) => state.canEdit)
  const wiring = useEditor((state) => state.wiring)
  const outputs = outputsOf(doc)
  const stages = readableStages(doc)
  if (stages.length === 0) return null
  const kindOf = (key: string) => wiring.nodes.get(key)?.kind ?? 'choice'
  const titleAt = (at: number) => outputs[at]?.label || outputs[at]?.name || ''
  return (
    <section className="panel-section">
      <h3>
        Outputs
        {canEdit && outputs.length < MAX_OUTPUTS && (
          <AddMenu
            noun="an output"
            choices={stages.map((key) => ({ key, title: nameOf(doc, key), kind: kindOf(key) }))}
            onChoose={(key) => perform(addOutput(editor().doc, key))}
          />
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
            return (
              <>
                <Shape kind={kindOf(output.stage ?? '')} />
                <Label key={output.label} output={output} title={titleAt(at)} />
                <span
                  className={`output-source clip faint${output.stage === null ? ' is-bad' : ''}`}
                  dir="auto"
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
      dir="auto"
      value={text}
      maxLength={200}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        const key = pressedKey(event)
        if (key === 'Enter') commit()
        else if (key === 'Escape' && text !== title) {
          event.stopPropagation()
          setText(title)
        }
      }}
    />
  )
}
