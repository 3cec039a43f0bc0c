import { useState } from 'react'
import { closeDialog } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { useEditor } from '../editor/store'
import { collapseStages } from '../editor/unpacking'
import { Dialog } from '../parts/Dialog'

const LONGEST = 200

/** Make a template of selected stages: its name is all that is asked. */
export function TemplateDialog() {
  const dialog = useEditor((state) => state.dialog)
  const template = useEditor((state) => state.template.name)
  const [name, setName] = useState('')
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)
  if (dialog?.name !== 'template') return null
  const { stages } = dialog
  const make = async (event: React.FormEvent) => {
    event.preventDefault()
    if (name.trim() === '') {
      setProblem('Enter a name.')
      return
    }
    setBusy(true)
    setProblem('')
    try {
      await collapseStages(stages, name.trim())
      closeDialog()
      // The stages that had the keyboard are gone: it goes on at the one in their place.
      requestAnimationFrame(() => runCommand('view.reveal'))
    } catch (error) {
      setProblem((error as Error).message)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title="Make a template">
      <form onSubmit={make} className="dialog-form">
        <p>
          {stages.length === 1 ? 'This stage moves' : `These ${stages.length} stages move`} into a
          private template of yours. Everyone who works on “{template}” can open this version.
        </p>
        <label className="field">
          <span className="label">Name</span>
          <input
            className="input"
            autoFocus
            dir="auto"
            value={name}
            maxLength={LONGEST}
            placeholder="Opening shot"
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        {problem && (
          <div className="note note-bad" role="alert">
            <p>
              <strong>{problem}</strong>
            </p>
          </div>
        )}
        <div className="row">
          <button type="button" className="btn" onClick={() => closeDialog()}>
            Cancel
          </button>
          <button type="submit" className="btn btn-ink" disabled={isBusy} aria-busy={isBusy}>
            Make template
          </button>
        </div>
      </form>
    </Dialog>
  )
}
