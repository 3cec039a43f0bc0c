import { dismissToast } from '../editor/actions'
import { type Toast, useEditor } from '../editor/store'

const OUTDATED: Toast = {
  text: 'The server was updated, so this page must be reloaded.',
  action: { label: 'Reload', run: () => location.reload() },
}

/** The latest message, with its one action; one that lasts when only a reload helps. */
export function Toasts() {
  const isOutdated = useEditor(({ sync }) => sync.reason === 'outdated')
  const latest = useEditor((state) => state.toast)
  const toast = latest ?? (isOutdated ? OUTDATED : null)
  if (!toast) return null
  const action = toast.action
  return (
    <section className="toast" aria-label="Message">
      <span>{toast.text}</span>
      {action && (
        <button
          type="button"
          className="btn btn-s"
          onClick={() => {
            dismissToast()
            action.run()
          }}
        >
          {action.label}
        </button>
      )}
    </section>
  )
}
