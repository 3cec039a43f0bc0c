import { useEffect, useState } from 'react'
import type { VersionRow } from '../api/schema'
import { api } from '../editor/api'
import { useEditor } from '../editor/store'
import { compare, sideName, useCompare, versionOf } from './store'

/** One side of the comparison: the draft, or any version. */
export function SidePicker({ which }: { which: 'from' | 'to' }) {
  const id = useEditor((state) => state.boot.templateId)
  const base = useEditor((state) => state.base)
  const isOpen = useCompare((state) => state.from !== undefined)
  const from = useCompare((state) => versionOf(state.from))
  const to = useCompare((state) => versionOf(state.to))
  const [rows, setRows] = useState<readonly VersionRow[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a version that was saved is listed.
  useEffect(() => {
    const request = new AbortController()
    api
      .versions(id, { signal: request.signal })
      .then((answer) => setRows(answer.versions))
      // The two that are shown stay named; others can be chosen when the server answers again.
      .catch(() => undefined)
    return () => request.abort()
  }, [id, base])
  const side = which === 'from' ? from : to
  const extra = side && !rows.some((row) => row.number === side.number) ? [side] : []
  const choose = (value: string) => {
    const number = value === '' ? null : Number(value)
    const other = (which === 'from' ? to : from)?.number ?? null
    // The same on both sides says nothing: then the two change places.
    const otherNumber = other === number ? (side?.number ?? null) : other
    void (which === 'from' ? compare(number, otherNumber) : compare(otherNumber, number))
  }
  return (
    <select
      className="input compare-side"
      aria-label={which === 'from' ? 'Compare' : 'With'}
      title={side?.label || sideName(side)}
      value={side ? String(side.number) : ''}
      disabled={!isOpen}
      onChange={(event) => choose(event.target.value)}
    >
      <option value="">The draft</option>
      {[...extra, ...rows].map((row) => (
        <option key={row.number} value={String(row.number)}>
          {`v${row.version}${row.label ? `, ${row.label}` : ''}`}
        </option>
      ))}
    </select>
  )
}
