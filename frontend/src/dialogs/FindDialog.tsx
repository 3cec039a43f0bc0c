import { useState } from 'react'
import type { Json } from '../api/schema'
import { closeDialog, focus, select } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { useEditor } from '../editor/store'
import { INPUTS } from '../graph/wiring'
import { Dialog } from '../parts/Dialog'
import { best } from '../parts/matching'
import { Icon, iconOfNode } from '../parts/ToolIcon'
import { Listbox } from './Listbox'

/** Search stages, a note or a frame by its name or by any word written in it. */
export function FindDialog() {
  const [words, setWords] = useState('')
  const wiring = useEditor((state) => state.wiring)
  const doc = useEditor((state) => state.doc)
  const nodes = [...wiring.nodes.values()].map((node) => ({
    id: node.id,
    label: node.title,
    meta: node.meta,
    icon: node.id === INPUTS ? 'inputs' : iconOfNode(node),
    text: textsIn(node.id === '$inputs' ? inputRows(doc.inputs.rows) : doc.stages.rows[node.id]),
  }))
  const loose = (['frames', 'notes'] as const).flatMap((table) =>
    doc[table].order.map((key) => {
      const text = textsIn(doc[table].rows[key])
      const kind = table === 'frames' ? 'Frame' : 'Note'
      return { id: `${kind.toLowerCase()}:${key}`, label: kind, meta: kind, icon: 'tag', text }
    }),
  )
  const matches = best([...nodes, ...loose], words, (thing) => [
    thing.label,
    thing.meta,
    thing.text,
  ])
  return (
    <Dialog title="Find" isBare className="listbox-dialog">
      <Listbox
        label="Search stages"
        placeholder="Search names and prompts"
        words={words}
        onWords={setWords}
        options={matches.map((thing) => ({
          id: thing.id,
          group: '',
          label: thing.label,
          icon: <Icon name={thing.icon} />,
          hint: <span className="faint clip listbox-text">{excerpt(thing.text, words)}</span>,
        }))}
        onChoose={(id) => {
          closeDialog()
          select([id])
          focus(id)
          runCommand('view.reveal')
        }}
        none={<>No results for “{words}”</>}
      />
    </Dialog>
  )
}

function inputRows(rows: Readonly<Record<string, Json>>): Json {
  return Object.values(rows)
}

/** Every text inside a record, for searching. */
function textsIn(value: Json | undefined): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textsIn).filter(Boolean).join(' ')
  if (value && typeof value === 'object') return textsIn(Object.values(value))
  return ''
}

/** Return the text around the words, short. */
function excerpt(text: string, words: string): string {
  const at = words ? text.toLowerCase().indexOf(words.trim().toLowerCase()) : -1
  return at < 0 ? '' : `${at > 12 ? '…' : ''}${text.slice(Math.max(0, at - 12), at + 40)}`
}
