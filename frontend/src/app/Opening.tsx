import { useEditor } from '../editor/store'

/** The page while the document is fetched, and when that failed. */
export function Opening() {
  const phase = useEditor((state) => state.phase)
  const problem = useEditor((state) => state.problem)
  const boot = useEditor((state) => state.boot)
  return (
    <main className="opening" id="main" tabIndex={-1}>
      <h1 className="visually-hidden">Editor</h1>
      {phase === 'failed' ? (
        <div role="alert">
          <p>{problem}</p>
          <p>
            <button type="button" className="btn" onClick={() => location.reload()}>
              Try again
            </button>{' '}
            <a className="link" href={`/t/${encodeURIComponent(boot.templateId)}`}>
              Template page
            </a>{' '}
            <a className="link" href="/me/templates">
              My templates
            </a>
          </p>
        </div>
      ) : (
        <p className="muted">Opening…</p>
      )}
    </main>
  )
}
