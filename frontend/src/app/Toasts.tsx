import { dismissToast } from '../editor/actions'
import { useEditor } from '../editor/store'

/** What was just said in passing, with the one thing that can be done about it. */
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
