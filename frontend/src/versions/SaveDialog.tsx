import { useState } from 'react'
import { ApiError } from '../api/http'
import { closeDialog } from '../editor/actions'
import { useEditor } from '../editor/store'
import { Dialog } from '../parts/Dialog'
import { showIssues } from './refused'
import { saveVersion } from './saving'

const LONGEST = 80

/** Make a version of the draft, under a name that says what it is. */
export function SaveDialog() {
  const base = useEditor((state) => state.base)
  const [label, setLabel] = useState('')
  const [problem, setProblem] = useState<Error | null>(null)
  const [isBusy, setBusy] = useState(false)
  const save = async (event: React.FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    try {
      await saveVersion(label.trim())
      closeDialog()
    } catch (error) {
      setProblem(error as Error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title="Save version">
      <form onSubmit={save} className="dialog-form">
        <p>
          Your draft saves as you type. A version is a snapshot you can restore, publish and run by
          API. The latest is v{base.version}.
        </p>
        <label className="field">
          <span className="label">What changed? (optional)</span>
          <input
            className="input"
            autoFocus
            dir="auto"
            value={label}
            maxLength={LONGEST}
            placeholder="Slower camera, warmer score"
            onChange={(event) => setLabel(event.target.value)}
          />
        </label>
        {problem && (
          <div className="note note-bad" role="alert">
            <p>
              <strong>{problem.message}</strong>{' '}
              {problem instanceof ApiError && problem.status === 422 && (
                <button type="button" className="link" onClick={() => showIssues()}>
                  Show problems
                </button>
              )}
            </p>
          </div>
        )}
        <div className="row">
          <button type="button" className="btn" onClick={() => closeDialog()}>
            Cancel
          </button>
          <button type="submit" className="btn btn-ink" disabled={isBusy} aria-busy={isBusy}>
            Save version
          </button>
        </div>
      </form>
    </Dialog>
  )
}
