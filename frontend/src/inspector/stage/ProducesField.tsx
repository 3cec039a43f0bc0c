import { useState } from 'react'
import { editor, useEditor } from '../../editor/store'
import { pressedKey } from '../../frame/press'
import { stageOf } from '../../graph/documentReaders'
import { setStageField } from '../../graph/edits/fields'
import { renameArtifact } from '../../graph/edits/renaming'
import { SELECTING } from '../../parts/selecting'
import { Field } from '../form/Field'
import { perform } from '../perform'

/** The name of the result. Renaming it renames every binding that names it. */
export function ProducesField({ node }: { node: string }) {
  const produces = useEditor((state) => stageOf(state.doc, node).produces)
  const name = produces[0]
  const [text, setText] = useState<string | null>(null)
  const commit = () => {
    const next = text?.trim() ?? ''
    setText(null)
    if (next === '' || next === name) return
    const { doc } = editor()
    if (name === undefined) perform(setStageField(doc, node, ['produces'], [next]))
    else perform(renameArtifact(doc, node, name, next))
  }
  return (
    <Field
      label="Result name"
      name="produces"
      help="Other stages use this name. They update when you change it."
    >
      {(ids) => (
        <>
          <input
            {...SELECTING}
            className="input mono"
            id={ids.id}
            value={text ?? name ?? ''}
            placeholder="No name"
            aria-describedby={ids.describedBy}
            onChange={(event) => setText(event.target.value)}
            onBlur={commit}
            onKeyDown={(event) => {
              if (pressedKey(event) === 'Enter') event.currentTarget.blur()
            }}
          />
          {produces.length > 1 && <p className="help">Also {produces.slice(1).join(', ')}</p>}
        </>
      )}
    </Field>
  )
}
