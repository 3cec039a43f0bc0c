import { GitCompare, RotateCcw } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { VersionRow } from '../api/schema'
import { closeDialog, open } from '../editor/actions'
import { api } from '../editor/api'
import { useEditor } from '../editor/store'
import { Dialog } from '../parts/Dialog'
import { restore } from './restore'
import { compareWith } from './store'

const CAUSES: Readonly<Record<string, string>> = {
  create: 'Created',
  fork: 'Remixed',
  patch: 'Edited by API',
  save: 'Saved',
}

/** Every version of the template, newest first: to compare with, or to go back to. */
export function VersionsDialog() {
  const id = useEditor((state) => state.boot.templateId)
  const canEdit = useEditor((state) => state.canEdit)
  const isSaved = useEditor((state) => state.savedRev === state.rev)
  const [rows, setRows] = useState<VersionRow[] | null>(null)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    const request = new AbortController()
    api
      .versions(id, { signal: request.signal })
      .then((answer) => setRows(answer.versions))
      .catch((error: Error) => !request.signal.aborted && setProblem(error.message))
    return () => request.abort()
  }, [id])
  return (
    <Dialog title="Versions" className="versions-dialog">
      <div className="row versions-draft">
        <p className="grow">
          {isSaved
            ? 'No changes since the latest version.'
            : 'The draft has unsaved changes since then.'}
        </p>
        {canEdit && (
          <button
            type="button"
            className="btn btn-s btn-ink"
            onClick={() => open({ name: 'save' })}
          >
            Save version
          </button>
        )}
      </div>
      {problem && <p className="help help-bad">{problem}</p>}
      {rows === null && !problem && <div className="skeleton versions-skeleton" />}
      <ol className="versions">
        {rows?.map((row) => (
          <li key={row.number}>
            <div className="grow">
              <strong className="num">v{row.version}</strong>{' '}
              {row.label || <span className="muted">{CAUSES[row.cause] ?? row.cause}</span>}
              <small>
                {row.by}, <time dateTime={row.createdAt}>{when(row.createdAt)}</time>
              </small>
            </div>
            {row.isPublished && <span className="pill pill-ok">Published</span>}
            {row.isHead && <span className="pill">Latest</span>}
            <button
              type="button"
              className="btn btn-s btn-bare"
              onClick={() => {
                closeDialog()
                void compareWith(row.number)
              }}
            >
              <GitCompare className="i" aria-hidden />
              Compare
            </button>
            {canEdit && (
              <button
                type="button"
                className="btn btn-s btn-bare"
                onClick={async () => {
                  if (await restore(row)) closeDialog()
                }}
              >
                <RotateCcw className="i" aria-hidden />
                Restore
              </button>
            )}
          </li>
        ))}
      </ol>
      <div className="row">
        <button type="button" className="btn" onClick={() => closeDialog()}>
          Close
        </button>
      </div>
    </Dialog>
  )
}

const FORMAT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

function when(iso: string): string {
  return FORMAT.format(new Date(iso))
}
