import { closeDialog } from '../editor/actions'
import { useEditor } from '../editor/store'
import { Dialog } from '../parts/Dialog'

/** A question with two answers: do it, or leave it. */
export function ConfirmDialog() {
  const dialog = useEditor((state) => state.dialog)
  if (dialog?.name !== 'confirm') return null
  const { title, text, action, run } = dialog
  const confirm = (event: React.FormEvent) => {
    event.preventDefault()
    closeDialog()
    run()
  }
  return (
    <Dialog title={title}>
      <form onSubmit={confirm} className="dialog-form">
        <p>{text}</p>
        <div className="row">
          <button type="button" className="btn" onClick={() => closeDialog()}>
            Cancel
          </button>
          <button
            type="submit"
            className="btn btn-ink"
            // biome-ignore lint/a11y/noAutofocus: it is what was asked for.
            autoFocus
          >
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
