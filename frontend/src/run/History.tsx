import { ExternalLink } from 'lucide-react'
import { useEffect } from 'react'
import type { RunRow } from '../api/schema'
import { Dialog } from '../parts/Dialog'
import { look, readHistory } from './lines'
import { unitWords } from './shared/credits'
import { between, lasting, moment } from './shared/time'
import { useRun } from './store'
import { runWords } from './words'

/** The runs of this template, newest first: choose one to see it on the canvas. */
export function History() {
  const isOpen = useRun((state) => state.isHistoryOpen)
  return isOpen ? <Open /> : null
}

function Open() {
  const { rows, next, state } = useRun((store) => store.history)
  const currentId = useRun((store) => store.run?.id)
  useEffect(() => {
    readHistory().catch(() => undefined)
  }, [])
  return (
    <Dialog
      title="Runs of this template"
      className="dialog-runs"
      onClose={() => useRun.setState({ isHistoryOpen: false })}
    >
      {rows.length === 0 && (
        <p>
          {state === 'failed'
            ? "Couldn't load runs. The canvas is up to date."
            : state === 'read'
              ? 'Runs appear here when they start.'
              : 'Loading…'}
        </p>
      )}
      <ul className="runs-list">
        {rows.map((row) => (
          <li key={row.id} aria-current={row.id === currentId || undefined}>
            <button type="button" onClick={() => void look(row.id)}>
              <span className={`pill ${runWords(row).tone}`}>{runWords(row).pill}</span>
              <strong className="num">{moment(row.createdAt)}</strong>
              <small>{factsOf(row)}</small>
            </button>
            <a
              className="btn btn-s btn-bare btn-icon"
              href={`/runs/${encodeURIComponent(row.id)}`}
              target="_blank"
              rel="noopener"
              aria-label={`Open run page: ${moment(row.createdAt)}`}
              title="Open run page"
            >
              <ExternalLink className="i i-14" aria-hidden />
            </a>
          </li>
        ))}
      </ul>
      {next && (
        <p>
          <button
            type="button"
            className="btn btn-s"
            aria-busy={state === 'reading'}
            onClick={() => readHistory(true).catch(() => undefined)}
          >
            Older runs
          </button>
        </p>
      )}
    </Dialog>
  )
}

/** "Bo, 8 stages, 5 reused, 12 credits, 19 s". */
function factsOf(row: RunRow): string {
  const parts = [row.isMine ? 'You' : row.by.name]
  parts.push(row.steps === 1 ? '1 stage' : `${row.steps} stages`)
  if (row.reused > 0) parts.push(`${row.reused} reused`)
  parts.push(row.units > 0 ? unitWords(row.units) : 'free')
  if (row.finishedAt) parts.push(lasting(between(row.createdAt, row.finishedAt, 0)))
  return parts.join(', ')
}
