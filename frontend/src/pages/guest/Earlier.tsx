import { CircleAlert, Clock, FileBox, Film, Music, Type } from 'lucide-react'
import { isFinal } from '../../run/shared/status'
import { moment } from '../../run/shared/time'
import type { KeptRun } from './storage'

interface Props {
  runs: readonly KeptRun[]
  open: (id: string) => Promise<void>
}

/** Runs that this browser started before. */
export function Earlier({ runs, open }: Props) {
  if (runs.length === 0) return null
  return (
    <section className="app-earlier" aria-labelledby="earlier">
      <h2 id="earlier">Earlier runs on this device</h2>
      <ul>
        {runs.map((run) => (
          <li key={run.id}>
            <button type="button" onClick={() => void open(run.id)}>
              <span className="app-thumb">
                <First run={run} />
              </span>
              <span className="grow">
                <span className="app-first clip" dir="auto">
                  {run.first?.words ?? stateOf(run)}
                </span>
                <time className="faint" dateTime={run.at}>
                  {moment(run.at)}
                </time>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function stateOf({ status }: KeptRun): string {
  if (!isFinal(status)) return 'Not finished'
  if (status === 'cancelled') return 'Stopped'
  return status === 'completed' ? 'Done' : 'Failed'
}

function First({ run: { first, status } }: { run: KeptRun }) {
  switch (first?.kind) {
    case 'image':
      return <img src={first.url} alt="" loading="lazy" />
    case 'video':
      return <Film className="i" aria-hidden />
    case 'audio':
      return <Music className="i" aria-hidden />
    case 'text':
      return <Type className="i" aria-hidden />
    case 'model':
      return <FileBox className="i" aria-hidden />
    default:
      return isFinal(status) ? (
        <CircleAlert className="i" aria-hidden />
      ) : (
        <Clock className="i" aria-hidden />
      )
  }
}
