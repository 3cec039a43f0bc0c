import { csrfToken } from '../api/csrf'
import { useEditor } from '../editor/store'

/** A copy of one's own. className: beside those of a button. */
export function Remix({ label, className = '' }: { label: string; className?: string }) {
  const id = useEditor((state) => state.boot.templateId)
  const role = useEditor((state) => state.template.role)
  const page = `/t/${encodeURIComponent(id)}`
  const look = `btn btn-ink ${className}`.trim()
  // Its page offers that, too; those who work on it may have no page of it to go to.
  if (!role)
    return (
      <a className={look} href={page} title="Remix (fork)">
        {label}
      </a>
    )
  return (
    <form method="post" action={`${page}/fork`}>
      <input type="hidden" name="csrfmiddlewaretoken" value={csrfToken()} />
      <button type="submit" className={look} title="Remix (fork)">
        {label}
      </button>
    </form>
  )
}
