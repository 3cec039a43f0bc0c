import { useEffect, useState } from 'react'
import { toSpec } from '../document/convert'
import { editor, useEditor } from '../editor/store'
import { Fold } from '../inspector/Fold'
import { Field } from '../inspector/form/Field'
import { problemOf } from '../inspector/form/schema'
import type { Slot } from '../inspector/form/slot'
import { askAfterPause } from '../parts/timers'
import { chosenIds, chosenStages } from './asking'
import { countMatches } from './composeApi'
import { type ControlRow, controlAt, rowsOf, withControl } from './controlForm'
import { PlanControl } from './PlanControl'
import { describing, useDescribe } from './store'

/** Fields for changes without words. isFolded: it is beside a box for words. */
export function Controls({ isFolded }: { isFolded: boolean }) {
  const count = useDescribe(({ controls }) => Object.keys(controls).length)
  // Later it is the person who opens and closes them.
  const [wasSet] = useState(count > 0)
  if (!isFolded) return <Rows />
  return (
    <Fold title="Or set it" count={count} isOpen={wasSet}>
      <Rows />
    </Fold>
  )
}

/** Each control is as it is until it is set. */
function Rows() {
  const controls = useDescribe((state) => state.controls)
  const isOfChosen = useChosen().length > 0
  return (
    <div className="controls">
      {rowsOf(controls).map((row) => (
        <Row key={row.field} row={row} isOfChosen={isOfChosen} />
      ))}
      {isOfChosen && (
        <p className="help">Music, voice and subtitles are those of the whole template.</p>
      )}
    </div>
  )
}

/** isOfChosen: it changes the selected stages alone. */
function Row({ row, isOfChosen }: { row: ControlRow; isOfChosen: boolean }) {
  const { field, schema, beside } = row
  const value = useDescribe(({ controls }) => controlAt(controls, field))
  const matches = useMatches(field === 'replace.from' ? String(value ?? '') : '')
  const label = field === 'seconds' && isOfChosen ? 'Length of each' : row.label
  const write: Slot['write'] = (next) =>
    useDescribe.setState({ controls: withControl(describing().controls, field, next) })
  return (
    <div style={{ gridColumn: `span ${6 / beside}` }}>
      <Field label={label} problem={problemOf(schema, value)} note={matches}>
        {(ids) => <PlanControl schema={schema} slot={{ value, write }} ids={ids} label={label} />}
      </Field>
    </div>
  )
}

/** The keys of the stages that the change is limited to; none: it is of all. */
export function useChosen(): string[] {
  useEditor((state) => state.selection)
  useEditor((state) => state.doc.stages)
  useDescribe((state) => state.hasSelection)
  return chosenStages()
}

/** Say how often words would be replaced, once no one has typed for a while. */
function useMatches(words: string): string {
  const doc = useEditor((state) => state.doc)
  const selection = useEditor((state) => state.selection)
  const hasSelection = useDescribe((state) => state.hasSelection)
  const [text, setText] = useState('')
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen is read of both.
  useEffect(() => {
    setText('')
    if (words.trim() === '') return
    return askAfterPause(async (signal) => {
      const body = { from: words, template: toSpec(editor().doc), selection: chosenIds() }
      // Without an answer the words can be replaced all the same.
      const count = await countMatches(body, { signal }).catch(() => null)
      if (count !== null && !signal.aborted) setText(count === 1 ? '1 match' : `${count} matches`)
    })
  }, [words, doc, selection, hasSelection])
  return text
}
