import { dismissToast } from '../editor/actions'
import { useEditor } from '../editor/store'

/** The latest message, with its one action. */
export function Toasts() {
  const toast = useEditor((state) => state.toast)
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
