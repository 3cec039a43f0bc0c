import { Dices } from 'lucide-react'
import { isObject, row } from '../../document/ops'
import { editor, useEditor } from '../../editor/store'
import { reroll, setSeed } from '../../graph/edits/fields'
import type { ControlProps } from '../form/control'
import { numberProblem } from '../form/schema'
import { Hint } from '../form/TextControl'
import { useDraft } from '../form/useDraft'
import { perform } from '../perform'

/** The seed of a stage: written in the template, else held beside it, else new with every run. */
export function SeedControl({ schema, slot, ids, node }: ControlProps & { node: string }) {
  const record = useEditor((state) => row(state.doc, 'seeds', node))
  const ownSeed = isObject(record) && typeof record.seed === 'number' ? record.seed : null
  const value = typeof slot.value === 'number' ? slot.value : ownSeed
  const draft = useDraft(value === null ? '' : String(value), (text) => {
    const seed = text.trim() === '' ? null : Number(text)
    if (seed !== null && !Number.isInteger(seed)) return
    perform(setSeed(editor().doc, node, seed), `seed/${node}`)
  })
  const problem = value === null ? null : numberProblem(schema, value)
  return (
    <>
      <span className="num-row">
        <input
          className="input num"
          id={ids.id}
          inputMode="numeric"
          value={draft.text}
          placeholder="Random each run"
          aria-describedby={ids.describedBy}
          aria-invalid={ids.isInvalid || problem !== null || undefined}
          onFocus={draft.onFocus}
          onBlur={draft.onBlur}
          onChange={(event) => draft.onText(event.target.value)}
        />
        <button
          type="button"
          className="btn btn-s"
          onClick={() => perform(reroll(editor().doc, [node]))}
        >
          <Dices className="i i-14" aria-hidden />
          New seed
        </button>
      </span>
      {draft.hint && <Hint text={draft.hint} />}
    </>
  )
}
