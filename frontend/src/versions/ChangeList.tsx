import { ArrowLeftRight, Minus, Move, Pencil, Plus, X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { countTicked, leave, lookAt, sameWords, takeTicked, useComparison } from './comparison'
import type { ListProps } from './Differences'
import type { Entry, Kind } from './entries'
import { portNotes } from './portNotes'
import { restore } from './restore'
import { SidePicker } from './SidePicker'
import {
  otherOf,
  sideName,
  swap,
  tick,
  useCanTake,
  useCompare,
  usedVersionOf,
  versionOf,
} from './store'

export const SIGNS = { added: Plus, removed: Minus, changed: Pencil, moved: Move } as const
export const WORDS: Readonly<Record<Kind, string>> = {
  added: 'Added',
  removed: 'Removed',
  changed: 'Changed',
  moved: 'Moved',
}

/** Everything that differs, to tick and to take. */
export function ChangeList({ entries, current, isOpen, isMain }: ListProps) {
  const from = useCompare((state) => state.from)
  const to = useCompare((state) => state.to)
  const tickedUnits = useCompare((state) => state.ticked)
  const canTake = useCanTake()
  const use = usedVersionOf(to)
  const other = versionOf(otherOf(from, to))
  const count = countTicked(entries, tickedUnits)
  const name = sideName(other)
  const Region = isMain ? 'main' : 'section'
  return (
    <Region className="palette compare-list" aria-label="Changes" id={isMain ? 'main' : undefined}>
      <header className="compare-head">
        <h2 className={use ? 'grow compare-title clip' : 'grow visually-hidden'}>
          {use && `${use.title}: `}
          {sideName(from)} and {sideName(to)}
        </h2>
        {!use && (
          <>
            <SidePicker which="from" />
            <button
              type="button"
              className="btn btn-s btn-bare btn-icon"
              aria-label="Swap sides"
              title="Swap sides"
              onClick={swap}
            >
              <ArrowLeftRight className="i" aria-hidden />
            </button>
            <SidePicker which="to" />
          </>
        )}
        <button
          type="button"
          className="btn btn-s btn-bare btn-icon compare-leave"
          aria-label="Close compare"
          onClick={leave}
        >
          <X className="i" aria-hidden />
        </button>
      </header>
      {use && <PortNotes />}
      {isOpen && entries.length > 0 && (
        <p className="brief">
          {canTake
            ? `Select changes to ${to === null ? 'restore' : 'copy'} from ${name}.`
            : 'Differences'}
        </p>
      )}
      {isOpen && entries.length === 0 && (
        <p className="brief compare-none">{sameWords(from, to)}</p>
      )}
      {!isOpen && <div className="skeleton compare-skeleton" />}
      <Rows entries={entries} current={current} name={name} />
      {canTake && other && entries.length > 0 && (
        <footer>
          <button
            type="button"
            className="btn btn-ink"
            aria-disabled={count === 0}
            title={count === 0 ? 'Select at least one change.' : `From ${name} to the draft`}
            onClick={() => count > 0 && takeTicked()}
          >
            Apply {count} of {entries.length}
          </button>
          <button type="button" className="btn" onClick={() => void restore(other)}>
            Apply all
          </button>
        </footer>
      )}
    </Region>
  )
}

/** List what a stage loses and gains with the newer version of its template. */
function PortNotes() {
  const comparison = useComparison()
  const notes = comparison ? portNotes(comparison.from, comparison.to) : []
  if (notes.length === 0) return null
  return (
    <ul className="compare-notes">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  )
}

interface RowsProps extends Pick<ListProps, 'entries' | 'current'>, Named {
  /** Below the one that is looked at. */
  detail?: ReactNode
}

/** The changes, each to be ticked and looked at. name: of what they are taken from. */
export function Rows({ entries, current, name, detail }: RowsProps) {
  const tickedUnits = useCompare((state) => state.ticked)
  const canTake = useCanTake()
  const list = useRef<HTMLUListElement>(null)
  const id = current?.id
  // biome-ignore lint/correctness/useExhaustiveDependencies: another entry is looked at.
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }, [id])
  return (
    <ul className="change-list" ref={list}>
      {entries.map((entry) => (
        <Row
          key={entry.id}
          entry={entry}
          isCurrent={entry === current}
          ticked={tickedUnits}
          canTick={canTake}
          name={name}
          detail={entry === current && detail}
        />
      ))}
    </ul>
  )
}

interface Named {
  name: string
}

interface RowProps extends Named {
  entry: Entry
  isCurrent: boolean
  ticked: ReadonlySet<string>
  canTick: boolean
  detail: ReactNode
}

function Row({ entry, isCurrent, ticked, canTick, name, detail }: RowProps) {
  const Sign = SIGNS[entry.kind]
  const on = entry.units.filter((unit) => ticked.has(unit)).length
  const isAll = on === entry.units.length
  return (
    <li aria-current={isCurrent || undefined} className={canTick ? undefined : 'is-plain'}>
      {canTick && (
        <input
          type="checkbox"
          className="check"
          checked={isAll}
          ref={(box) => {
            if (box) box.indeterminate = on > 0 && !isAll
          }}
          aria-label={`Apply ${entry.title}, ${WORDS[entry.kind].toLowerCase()}, from ${name}`}
          onChange={(event) => tick(entry.units, event.target.checked)}
        />
      )}
      <button type="button" onClick={() => lookAt(entry.id)}>
        <span className={`change-sign is-${entry.kind}`}>
          <Sign className="i" aria-hidden />
        </span>
        <span>
          <b>
            <bdi>{entry.title}</bdi>
            <span className="visually-hidden">, {WORDS[entry.kind].toLowerCase()}</span>
          </b>
          <small>{entry.detail}</small>
        </span>
      </button>
      {detail}
    </li>
  )
}
