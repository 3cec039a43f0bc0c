import type { ReactNode } from 'react'
import { useEditor } from '../editor/store'
import { ErrorBoundary } from '../parts/ErrorBoundary'

/** Around the whole editor: when it breaks, people read what happened instead of a blank page. */
export function EditorBoundary({ children }: { children: ReactNode }) {
  return <ErrorBoundary instead={(again) => <Broken onAgain={again} />}>{children}</ErrorBoundary>
}

function Broken({ onAgain }: { onAgain: () => void }) {
  // Changes are kept and sent without anything that is shown, so this stays true by itself.
  const { pending, isKept } = useEditor((state) => state.sync)
  return (
    <main className="opening" id="main" tabIndex={-1}>
      <h1 className="visually-hidden">Editor</h1>
      <div role="alert">
        <p>The editor crashed. {keptWords(pending, isKept)}</p>
        <p>
          <button type="button" className="btn btn-ink" onClick={() => location.reload()}>
            Reload
          </button>{' '}
          <button type="button" className="btn" onClick={onAgain}>
            Try again
          </button>
        </p>
      </div>
    </main>
  )
}

function keptWords(pending: number, isKept: boolean): string {
  if (pending === 0) return 'Your changes are saved.'
  if (isKept) return 'Your changes are saved on this device and will sync.'
  return 'Your last changes are only in this tab. Try again before you reload.'
}
