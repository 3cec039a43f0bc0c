import { useState } from 'react'
import { editor, useEditor } from '../../editor/store'
import { pressedKey } from '../../frame/press'
import { inputOf } from '../../graph/documentReaders'
import { inputNameProblem, renameInput } from '../../graph/edits/renaming'
import { SELECTING } from '../../parts/selecting'
import { Field } from '../form/Field'
import { perform } from '../perform'

/** The name of an input. Bindings follow when it changes; a name that cannot be waits. */
export function InputName({ input }: { input: string }) {
  const doc = useEditor((state) => state.doc)
  const { name } = inputOf(doc, input)
  const [text, setText] = useState<string | null>(null)
  const newName = (text ?? name).trim()
  const problem = newName === name ? null : inputNameProblem(doc, newName, input)
  const commit = () => {
    setText(null)
    if (newName !== name && problem === null) perform(renameInput(editor().doc, input, newName))
  }
  return (
    <Field
      label="Name"
      name="name"
      help="Used in $inputs references, which update when you rename it."
      problem={problem}
    >
      {(ids) => (
        <input
          {...SELECTING}
          className="input mono"
          id={ids.id}
          value={text ?? name}
          spellCheck={false}
          autoCapitalize="none"
          aria-describedby={ids.describedBy}
          aria-invalid={problem !== null || undefined}
          onChange={(event) => setText(event.target.value)}
          onBlur={commit}
          onKeyDown={(event) => {
            const key = pressedKey(event)
            if (key === 'Enter') commit()
            else if (key === 'Escape' && text !== null) {
              event.stopPropagation()
              setText(null)
            }
          }}
        />
      )}
    </Field>
  )
}
